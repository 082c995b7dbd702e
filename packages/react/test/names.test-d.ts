import {
  canned,
  createLLM,
  openai,
  type Degraded,
  type Outcome,
  type Run,
  type RunState,
} from '@rungs/core'
import {
  useLLM,
  useLLMChat,
  useLLMSelector,
  type ChatMessage,
  type FallbackNoticeProps,
  type UseLLM,
  type UseLLMChat,
  type UseLLMOptions,
} from '@rungs/react'
import type { KeyboardEvent } from 'react'
import { expectTypeOf, test } from 'vitest'

// The hook is given its LLM here by name. That a registration does the same is in registered.test.ts: it
// holds for a whole program, and this one has the demo's.
const llm = createLLM({
  routes: {
    ours: openai({ model: 'm', apiKey: null }),
    mini: openai({ model: 'n', apiKey: null }),
    sorry: canned('Sorry.'),
  },
  workloads: { chat: { ladder: ['ours', 'mini'], safe: 'sorry' }, agent: { ladder: ['ours'] } },
  tiers: { free: {}, pro: {} },
  defaultTier: 'free',
})
const untiered = createLLM({
  routes: { ours: openai({ model: 'm', apiKey: null }) },
  workloads: { chat: { ladder: ['ours'] } },
})
type Name = 'ours' | 'mini' | 'sorry'
declare const hook: UseLLM<typeof llm>
declare const chat: UseLLMChat<typeof llm>
declare const ofReact: KeyboardEvent<HTMLInputElement>
declare const ofTheDom: SubmitEvent

test('workloads and tiers are the names of the config', () => {
  expectTypeOf<UseLLMOptions<typeof llm>['workload']>().toEqualTypeOf<'chat' | 'agent'>()
  expectTypeOf<UseLLMOptions<typeof llm>['tier']>().toEqualTypeOf<'free' | 'pro' | undefined>()
  expectTypeOf<UseLLMOptions<typeof untiered>['tier']>().toEqualTypeOf<undefined>()
  expectTypeOf(useLLM<typeof llm>).toBeCallableWith({ workload: 'agent', tier: 'pro' })
  // @ts-expect-error there is no such workload
  expectTypeOf(useLLM<typeof llm>).toBeCallableWith({ workload: 'chatt' })
  // @ts-expect-error there is no such tier
  expectTypeOf(useLLM<typeof llm>).toBeCallableWith({ workload: 'chat', tier: 'gold' })
  // @ts-expect-error a config without tiers has none
  expectTypeOf(useLLM<typeof untiered>).toBeCallableWith({ workload: 'chat', tier: 'free' })
})

test('what comes out has the names of the routes', () => {
  expectTypeOf(hook.route).toEqualTypeOf<Name | null>()
  expectTypeOf(hook.degraded).toEqualTypeOf<Degraded<Name> | null>()
  expectTypeOf(hook.outcome).toEqualTypeOf<Outcome<Name> | null>()
  expectTypeOf(hook.retry).returns.toEqualTypeOf<Run<Name> | null>()
  // @ts-expect-error there is no such route
  expectTypeOf(hook.route === 'maxi')
})

test('a request may name what the config has, and nothing else', () => {
  expectTypeOf(hook.send).toBeCallableWith('Hi')
  expectTypeOf(hook.send).toBeCallableWith({ prompt: 'Hi', workload: 'agent', tier: undefined })
  // @ts-expect-error there is no such workload
  expectTypeOf(hook.send).toBeCallableWith({ prompt: 'Hi', workload: 'chatt' })
  // @ts-expect-error there is no such field
  expectTypeOf(hook.send).toBeCallableWith({ promt: 'Hi' })
})

test('the event of a gesture is one of the DOM’s or of React’s', () => {
  expectTypeOf(hook.send).toBeCallableWith('Hi', { event: ofReact })
  expectTypeOf(hook.retry).toBeCallableWith({ event: ofTheDom })
  // @ts-expect-error an event itself is no option
  expectTypeOf(hook.retry).toBeCallableWith(ofTheDom)
})

test('an answer with a schema has its type', () => {
  const output = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value: unknown) => ({ value: Number(value) }),
    },
  } as const
  expectTypeOf(hook.send({ prompt: 'Hi', output }).outcome).resolves.toEqualTypeOf<
    Outcome<Name, number>
  >()
})

test('names for people are for routes that there are', () => {
  type Names = NonNullable<FallbackNoticeProps<Name>['names']>
  expectTypeOf<Names>().toEqualTypeOf<{ readonly [Route in Name]?: string }>()
  // @ts-expect-error there is no such route
  expectTypeOf<Names['maxi']>().toEqualTypeOf<string>()
})

test('messages of a chat know who can have served them', () => {
  expectTypeOf(chat.messages).toEqualTypeOf<readonly ChatMessage<Name>[]>()
  expectTypeOf(chat.regenerate).returns.toEqualTypeOf<Run<Name> | null>()
  expectTypeOf(useLLMChat<typeof llm>).toBeCallableWith({ workload: 'chat', initialMessages: [] })
  // @ts-expect-error there is no such workload
  expectTypeOf(useLLMChat<typeof llm>).toBeCallableWith({ workload: 'chatt' })
  // @ts-expect-error there is no such tier
  expectTypeOf(chat.send).toBeCallableWith({ prompt: 'Hi', tier: 'gold' })
  // @ts-expect-error there is no such route
  expectTypeOf(chat.messages[0]?.served?.route === 'maxi')
})

test('a selector is given a state with the names of the routes', () => {
  expectTypeOf(useLLMSelector<Name | null, typeof llm>)
    .parameter(1)
    .parameter(0)
    .toEqualTypeOf<RunState<Name>>()
  expectTypeOf(useLLMSelector<Name | null, typeof llm>).returns.toEqualTypeOf<Name | null>()
})
