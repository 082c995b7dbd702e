import { aiSdk, canned, createLLM, openai, type StandardSchema } from '@rungs/core'
import { ladderTransport } from '@rungs/core/ai-sdk'
import { ladderFetch } from '@rungs/core/fetch'
import { ladderConnection } from '@rungs/core/tanstack-ai'
import { expectTypeOf, test } from 'vitest'

// What is wrong does not compile. Each function is only looked at, never called.

const city: StandardSchema<{ readonly city: string }> = {
  '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { city: 'Bonn' } }) },
}
const llm = createLLM({
  routes: {
    ours: aiSdk({ url: '/api/chat' }),
    mini: openai({ model: 'm', apiKey: null }),
    sorry: canned('Sorry.'),
  },
  workloads: { chat: { ladder: ['ours', 'mini'], safe: 'sorry' }, agent: { ladder: ['ours'] } },
  tiers: { free: {}, pro: {} },
  defaultTier: 'free',
})
const ask = { workload: 'chat', prompt: 'Hi' } as const

test('a field that is missing', () => {
  // @ts-expect-error a run needs a workload
  void (() => llm.run({ prompt: 'Hi' }))
  // @ts-expect-error a route of a provider needs a model
  void (() => openai({ apiKey: null }))
  // @ts-expect-error and says what its key is, or that there is none
  void (() => openai({ model: 'm' }))
  // @ts-expect-error a route to a backend needs its address
  void (() => aiSdk({ region: 'eu' }))
  // @ts-expect-error a workload needs a ladder
  void (() => createLLM({ routes: { ours: canned('x') }, workloads: { chat: {} } }))
  // @ts-expect-error a config needs workloads
  void (() => createLLM({ routes: { ours: canned('x') } }))
})

test('a name that there is not', () => {
  // @ts-expect-error a field of a run
  void (() => llm.run({ ...ask, promt: 'Hi' }))
  // @ts-expect-error a limit
  void (() => llm.run({ ...ask, limits: { totalMS: 1 } }))
  // @ts-expect-error a fact of a route
  void (() => openai({ model: 'm', apiKey: null, qualtiy: 1 }))
  // @ts-expect-error an ability
  void (() => openai({ model: 'm', apiKey: null, abilities: ['images'] }))
  // @ts-expect-error an effort
  void (() => llm.run({ ...ask, reasoning: 'max' }))
  // @ts-expect-error a signal
  void (() => llm.run(ask).feedback({ signal: 'thumbs-up' }))
  void (() =>
    createLLM({
      routes: { ours: canned('x') },
      // @ts-expect-error a direction
      workloads: { chat: { ladder: ['ours'], on: { outage: 'nxt' } } },
    }))
  void (() =>
    createLLM({
      routes: { ours: canned('x') },
      // @ts-expect-error a recovery
      workloads: { chat: { ladder: ['ours'], recovery: 'splice' } },
    }))
  void (() =>
    createLLM({
      routes: { ours: canned('x') },
      // @ts-expect-error a workload that only the ladders of a tier name
      workloads: { chat: { ladder: ['ours'] } },
      tiers: { free: { ladders: { chta: ['ours'] } } },
    }))
})

test('a tool or a schema that is none', () => {
  const tool = { description: 'The weather.', input: city }
  void (() => llm.run({ ...ask, tools: { weather: tool } }))
  // @ts-expect-error a tool says what it is for
  void (() => llm.run({ ...ask, tools: { weather: { input: city } } }))
  // @ts-expect-error and what it takes
  void (() => llm.run({ ...ask, tools: { weather: { description: 'The weather.' } } }))
  // @ts-expect-error by a schema, not by an example
  void (() => llm.run({ ...ask, tools: { weather: { ...tool, input: { city: 'Bonn' } } } }))
  // @ts-expect-error tools go by name
  void (() => llm.run({ ...ask, tools: [tool] }))
  // @ts-expect-error a JSON Schema alone checks nothing
  void (() => llm.run({ ...ask, output: { type: 'object' } }))
  void (() => llm.run({ ...ask, output: { schema: city, jsonSchema: { type: 'object' } } }))
})

test('a message that no route could take', () => {
  type Message = NonNullable<Parameters<typeof llm.run>[0]['messages']>[number]
  // @ts-expect-error a part that there is not
  void ((): Message => ({ role: 'user', content: [{ type: 'audio' }] }))
  // @ts-expect-error a role that there is not
  void ((): Message => ({ role: 'developer', content: 'Hi' }))
  const result = { type: 'tool-result', id: '1', name: 'weather' } as const
  void ((): Message => ({ role: 'tool', content: [{ ...result, output: 1 }] }))
  // @ts-expect-error a result without what came out
  void ((): Message => ({ role: 'tool', content: [result] }))
})

test('what an outcome does not have', () => {
  const run = llm.run({ ...ask, output: city })
  type Whole = Awaited<typeof run.outcome>
  expectTypeOf<NonNullable<Whole['object']>>().toEqualTypeOf<{ readonly city: string }>()
  // @ts-expect-error a field that the schema does not have
  void ((outcome: Whole) => outcome.object?.street)
  // @ts-expect-error a status that there is not
  void ((outcome: Whole) => outcome.status === 'done')
  // @ts-expect-error a route that there is not
  void ((outcome: Whole) => outcome.route === 'maxi')
})

test('what a bridge is told', () => {
  void (() => ladderTransport(llm, { workload: 'chat', tier: 'pro' }, { onAbort: 'keep' }))
  // @ts-expect-error no such tier
  void (() => ladderTransport(llm, { workload: 'chat', tier: 'gold' }))
  // @ts-expect-error no such way
  void (() => ladderTransport(llm, { workload: 'chat' }, { onAbort: 'wait' }))
  // @ts-expect-error messages come from the chat
  void (() => ladderTransport(llm, { workload: 'chat', messages: [] }))
  // @ts-expect-error no such workload
  void (() => ladderConnection(llm, { workload: 'chta' }))
  // @ts-expect-error no such workload, of a function either
  void (() => ladderFetch(llm, () => ({ workload: 'chta' })))
})
