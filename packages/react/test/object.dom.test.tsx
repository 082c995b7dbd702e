import type { StandardSchema } from '@rungs/core'
import { useLLMObject, type Streamed, type UseLLMObject } from '@rungs/react'
import { HANG } from '@rungs/core/testing'
import { renderHook } from '@testing-library/react'
import { expect, expectTypeOf, test } from 'vitest'
import { doing, stage, type TestLLM } from './kit.tsx'

interface Recipe {
  readonly title: string
  readonly steps: readonly { readonly text: string; readonly minutes: number }[]
}
const output: StandardSchema<Recipe> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      isRecipe(value) ? { value } : { issues: [{ message: 'there is no step' }] },
  },
}
function isRecipe(value: unknown): value is Recipe {
  return typeof value === 'object' && value !== null && 'steps' in value
}
const useRecipe = (): UseLLMObject<Recipe, TestLLM> =>
  useLLMObject<Recipe, TestLLM>({ workload: 'chat', output })

test('an object comes piece by piece, and the outcome has the whole, checked', async () => {
  const { pass, within } = stage({
    ours: [['{"title":"Soup","st', 100, 'eps":[{"text":"Bo', 100, 'il","minutes":5}]}']],
  })
  const { result } = renderHook(useRecipe, { wrapper: ({ children }) => within(children) })
  expect(result.current.object).toBeNull()
  const run = doing(() => result.current.send('Soup'))
  await pass(50)
  expect(result.current.object).toEqual({ title: 'Soup' })
  await pass(100)
  expect(result.current.object).toEqual({ title: 'Soup', steps: [{ text: 'Bo' }] })
  await pass(1000)
  const whole = { title: 'Soup', steps: [{ text: 'Boil', minutes: 5 }] }
  expect(result.current.object).toEqual(whole)
  expect(result.current.outcome?.object).toEqual(whole)
  expect((await run.outcome).object).toEqual(whole)
})

test('what a stop leaves stays on the screen, unchecked', async () => {
  const { pass, within } = stage({ ours: [['{"title":"Soup","steps":["Bo', HANG]] })
  const { result } = renderHook(useRecipe, { wrapper: ({ children }) => within(children) })
  doing(() => result.current.send('Soup'))
  await pass(100)
  doing(() => {
    void result.current.stop()
  })
  await pass(100)
  expect(result.current.outcome).toMatchObject({ status: 'stopped', object: null })
  expect(result.current.object).toEqual({ title: 'Soup', steps: ['Bo'] })
})

test('one that the schema refuses is asked of the next route, and so is a retry', async () => {
  const { pass, within } = stage({
    ours: [['{"title":"Soup"}'], ['{"title":"Soup"}']],
    mini: [['{"steps":[]}'], ['{"steps":[]}']],
  })
  const { result } = renderHook(useRecipe, { wrapper: ({ children }) => within(children) })
  doing(() => result.current.send({ prompt: 'Soup' }))
  for (const verb of ['send', 'retry']) {
    if (verb === 'retry') doing(() => result.current.retry())
    await pass(1000)
    expect(result.current).toMatchObject({
      route: 'mini',
      object: { steps: [] },
      attempts: [{ failure: { kind: 'invalid-response' } }, { failure: null }],
    })
  }
})

test('the types of an object are those of its schema, any of it missing while it streams', () => {
  expectTypeOf<Streamed<Recipe>>().toEqualTypeOf<{
    readonly title?: string
    readonly steps?: readonly { readonly text?: string; readonly minutes?: number }[]
  }>()
  expectTypeOf<UseLLMObject<Recipe>['object']>().toEqualTypeOf<Streamed<Recipe> | null>()
  expectTypeOf(useLLMObject).toBeCallableWith({ workload: 'chat', output })
})
