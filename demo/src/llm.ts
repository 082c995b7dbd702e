import {
  aiSdk,
  beacon,
  canned,
  createKeyring,
  createLLM,
  openai,
  type Keyring,
  type LLM,
  type Route,
} from '@rungs/core'
import { ladders, type Job, type RouteName } from './names.ts'
import { hosts, network } from './network.ts'

/** Keys that visitors bring; in memory, until the page goes. */
export const keyring: Keyring = createKeyring()

/** Straight from this browser to OpenAI, with the visitor's own key. */
export const yours: Route = openai({
  model: 'gpt-5-mini',
  baseUrl: 'https://api.openai.com/v1',
  apiKey: keyring.ref('openai'),
  provider: 'openai',
  pace: 'reasoning',
  payer: 'user',
  quality: 0.9,
})

const routes = {
  yours,
  swift: openai({
    model: 'swift-4',
    baseUrl: `${hosts.swift}/v1`,
    apiKey: null,
    provider: 'swift',
    quality: 0.9,
    price: { inputPerMTok: 0.4, outputPerMTok: 1.6 },
    expect: { firstChunkMs: 500, tokensPerSecond: 58 },
  }),
  backend: aiSdk({
    url: `${hosts.backend}/api/chat`,
    provider: 'house',
    quality: 0.8,
    price: 'included',
    expect: { firstChunkMs: 700, tokensPerSecond: 42 },
  }),
  reserve: openai({
    model: 'reserve-mini',
    baseUrl: `${hosts.reserve}/v1`,
    apiKey: null,
    provider: 'reserve',
    quality: 0.6,
    price: { inputPerMTok: 0.1, outputPerMTok: 0.4 },
    expect: { firstChunkMs: 300, tokensPerSecond: 75 },
  }),
  chef: openai({
    model: 'chef-9',
    baseUrl: `${hosts.chef}/v1`,
    apiKey: null,
    provider: 'chef',
    pace: 'reasoning',
    quality: 0.98,
    price: { inputPerMTok: 5, outputPerMTok: 30 },
    expect: { firstChunkMs: 6500, tokensPerSecond: 70 },
  }),
  prepared: canned(
    'I cannot reach anyone who could answer that right now. Your question is still here: try it again in a minute.',
  ),
}

/** The product's routes, and what each job does with them; a chat with the prepared answer below it, or without. */
export function createKitchen(hasSafe: boolean): LLM<RouteName, Job, never> {
  return createLLM({
    routes,
    workloads: {
      chat: {
        ladder: ladders.chat,
        // the product's own ceiling on silence, so that nobody looks at half a sentence for long
        limits: { chunkMs: 5000 },
        // whoever has put in a key need not be asked whether we may pay instead
        ask: { payer: false },
        recovery: 'restart',
        safe: hasSafe ? 'prepared' : undefined,
      },
      week: {
        ladder: ladders.week,
        limits: { chunkMs: 5000 },
        ask: { first: { waitMs: 3000, costUsd: 0.01 } },
      },
    },
    telemetry: {
      sinks: [beacon('/rungs/reports')],
      autoSignals: true,
      attributes: { release: 'demo' },
    },
    world: { fetch: network },
  })
}

export type Kitchen = ReturnType<typeof createKitchen>

declare module '@rungs/react' {
  interface Register {
    llm: Kitchen
  }
}
