import { aiSdk, canned, createLLM, openai, type LLM, type Route } from '@rungs/core'
import { FAULT_HEADER } from '../simulator/faults.ts'
import { faultOf } from './breakage.ts'
import type { RouteName } from './names.ts'

/** What the product offers: with the prepared answer, or without. */
export type Job = 'chat' | 'chat-without-safe'

const ladder = ['swift', 'backend', 'reserve'] as const
// the product's own ceiling on silence, so that nobody looks at half a sentence for long
const limits = { chunkMs: 5000 }
// with the visitor's own key, the simulated rungs below it cost them nothing: no need to ask
const ask = { payer: false } as const

/** The product's routes, and what each job does with them. With a key, the first rung is OpenAI itself. */
export function createKitchen(key: string | null): LLM<RouteName, Job, never> {
  return createLLM({
    routes: {
      swift: key === null ? simulatedSwift() : yourOpenai(key),
      backend: aiSdk({
        url: '/sim/backend/api/chat',
        headers: () => ({ [FAULT_HEADER]: faultOf('backend') }),
        provider: 'house',
        quality: 0.8,
        price: 'included',
        expect: { firstChunkMs: 700, tokensPerSecond: 42 },
      }),
      reserve: openai({
        model: 'reserve-mini',
        baseUrl: new URL('/sim/reserve/v1', location.href).href,
        apiKey: null,
        headers: () => ({ [FAULT_HEADER]: faultOf('reserve') }),
        provider: 'reserve',
        quality: 0.6,
        price: { inputPerMTok: 0.1, outputPerMTok: 0.4 },
        expect: { firstChunkMs: 300, tokensPerSecond: 75 },
      }),
      prepared: canned(
        'I cannot reach anyone who could answer that right now. Your question is still here: try it again in a minute.',
      ),
    },
    workloads: {
      chat: { ladder, limits, ask, recovery: 'restart', safe: 'prepared' },
      'chat-without-safe': { ladder, limits, ask, recovery: 'restart' },
    },
  })
}

function simulatedSwift(): Route {
  return openai({
    model: 'swift-4',
    baseUrl: new URL('/sim/swift/v1', location.href).href,
    apiKey: null,
    headers: () => ({ [FAULT_HEADER]: faultOf('swift') }),
    provider: 'swift',
    quality: 0.9,
    price: { inputPerMTok: 0.4, outputPerMTok: 1.6 },
    expect: { firstChunkMs: 500, tokensPerSecond: 58 },
  })
}

/** Straight from this browser to OpenAI. The key is in this function's memory and nowhere else. */
function yourOpenai(key: string): Route {
  return openai({
    model: 'gpt-5-mini',
    baseUrl: 'https://api.openai.com/v1',
    apiKey: () => key,
    provider: 'openai',
    pace: 'reasoning',
    payer: 'user',
    quality: 0.9,
  })
}

export type Kitchen = ReturnType<typeof createKitchen>

declare module '@rungs/react' {
  interface Register {
    llm: Kitchen
  }
}
