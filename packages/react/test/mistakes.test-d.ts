import { createLLM, openai, type StandardSchema } from '@rungs/core'
import {
  Attempts,
  ConfirmRun,
  FallbackNotice,
  KeyForm,
  LLMProvider,
  SlowNotice,
  useLLM,
  useLLMChat,
  useLLMObject,
  type UseLLM,
  type UseLLMChat,
  type UseLLMObject,
} from '@rungs/react'
import { RungsDevtools } from '@rungs/react/devtools'
import { createElement } from 'react'
import { expectTypeOf, test } from 'vitest'

// What is wrong does not compile. Each function is only looked at, never called.

const llm = createLLM({
  routes: {
    ours: openai({ model: 'm', apiKey: null }),
    mini: openai({ model: 'n', apiKey: null }),
  },
  workloads: { chat: { ladder: ['ours', 'mini'] } },
})
type Own = typeof llm
interface Recipe {
  readonly title: string
  readonly steps: readonly string[]
}
const recipe: StandardSchema<Recipe> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: () => ({ value: { title: '', steps: [] } }),
  },
}
declare const hook: UseLLM<Own>
declare const chat: UseLLMChat<Own>
declare const cook: UseLLMObject<Recipe, Own>

test('an option of a hook that is missing, misspelt or of another kind', () => {
  // @ts-expect-error a workload
  void (() => useLLM<Own>({}))
  // @ts-expect-error a name
  void (() => useLLM<Own>({ workload: 'chat', throttle: 50 }))
  // @ts-expect-error a kind
  void (() => useLLM<Own>({ workload: 'chat', throttleMs: '50' }))
  // @ts-expect-error a value
  void (() => useLLM<Own>({ workload: 'chat', onUnmount: 'pause' }))
  // @ts-expect-error a schema
  void (() => useLLMObject<Recipe, Own>({ workload: 'chat' }))
  // @ts-expect-error a schema of something else
  void (() => useLLMObject<{ readonly name: number }, Own>({ workload: 'chat', output: recipe }))
  const said = [{ role: 'user', content: '' }] as const
  // @ts-expect-error messages as the hook gave them have an id
  void (() => useLLMChat<Own>({ workload: 'chat', initialMessages: said }))
  // @ts-expect-error a tool takes something
  void (() => useLLMChat<Own>({ workload: 'chat', tools: { weather: { description: '' } } }))
})

test('what a verb is not given', () => {
  // @ts-expect-error nothing at all
  void (() => hook.send())
  // @ts-expect-error a scope
  void (() => hook.confirm('always'))
  // @ts-expect-error a signal
  void (() => hook.feedback({ signal: 'great' }))
  // @ts-expect-error a value for a signal of one's own
  void (() => hook.feedback({ custom: 'stars' }))
  // @ts-expect-error a new text
  void (() => chat.edit('id'))
  // @ts-expect-error another schema than the hook's
  void (() => cook.send({ prompt: 'Soup', output: recipe }))
})

test('what an object does not have', () => {
  expectTypeOf(cook.object?.steps?.[0]).toEqualTypeOf<string | undefined>()
  // @ts-expect-error a field that the schema does not have
  void (() => cook.object?.name)
  // @ts-expect-error it may be missing while it streams
  void ((): string | null => cook.object && cook.object.title)
  // @ts-expect-error a status that there is not
  void (() => hook.status === 'loading')
  // @ts-expect-error a phase that there is not
  void (() => hook.phase === 'thinking')
})

test('a component that is given too little, or what is not its own', () => {
  // @ts-expect-error no llm
  void (() => createElement(LLMProvider, {}))
  // @ts-expect-error nothing to say it of
  void (() => createElement(FallbackNotice<'ours' | 'mini'>, {}))
  // @ts-expect-error a run that cannot be stopped
  void (() => createElement(SlowNotice, { of: { isSlow: true } }))
  // @ts-expect-error a question that nobody can answer
  void (() => createElement(ConfirmRun<'ours'>, { of: { confirmation: null } }))
  // @ts-expect-error words that it does not say
  void (() => createElement(Attempts<'ours'>, { attempts: [], words: { tried: '' } }))
  // @ts-expect-error no keyring
  void (() => createElement(KeyForm, { provider: 'openai' }))
  // @ts-expect-error a corner that there is not
  void (() => createElement(RungsDevtools, { position: 'bottom' }))
})
