import { expectTypeOf, test } from 'vitest'
import type * as Core from '@rungs/core'
import {
  agUi,
  aiSdk,
  anthropic,
  beacon,
  canned,
  createKeyring,
  createLLM,
  engine,
  gemini,
  minLength,
  noRefusal,
  onDevice,
  openai,
  openaiResponses,
  schema,
  otlp,
  textStream,
  toConsole,
  toGtag,
  toPostHog,
  toSegment,
} from '@rungs/core'
import { audit, type Audit } from '@rungs/core/audit'
import type * as Contract from './contract.d.ts'

test('what the product gives fits the agreed shapes', () => {
  expectTypeOf<Core.Failure<'a'>>().toExtend<Contract.Failure<'a'>>()
  expectTypeOf<Core.Outcome<'a', number>>().toExtend<Contract.Outcome<'a', number>>()
  expectTypeOf<Core.RunState<'a', number>>().toExtend<Contract.RunState<'a', number>>()
  expectTypeOf<Core.RunEvent<'a'>>().toExtend<Contract.RunEvent<'a'>>()
  expectTypeOf<Core.RunStep<'a'>>().toExtend<Contract.RunStep<'a'>>()
  expectTypeOf<Core.Plan<'a'>>().toExtend<Contract.Plan<'a'>>()
  expectTypeOf<Core.Move<'a'>>().toExtend<Contract.Move<'a'>>()
  expectTypeOf<Core.Attempt<'a'>>().toExtend<Contract.Attempt<'a'>>()
  expectTypeOf<Core.Latency>().toExtend<Contract.Latency>()
  expectTypeOf<Core.Degraded<'a'>>().toExtend<Contract.Degraded<'a'>>()
  expectTypeOf<Core.Confirmation<'a'>>().toExtend<Contract.Confirmation<'a'>>()
  expectTypeOf<Core.Run<'a', number>>().toExtend<Contract.Run<'a', number>>()
  expectTypeOf<Core.LLM<'a' | 'b', 'chat', 'free'>>().toExtend<
    Contract.LLM<'a' | 'b', 'chat', 'free'>
  >()
  expectTypeOf<Core.Route>().toExtend<Contract.Route>()
  expectTypeOf<Audit<'a'>>().toExtend<Contract.Audit<'a'>>()
})

test('what the product takes fits the agreed shapes, both ways', () => {
  expectTypeOf<Core.RunRequest<'chat', 'free', number>>().toExtend<
    Contract.RunRequest<'chat', 'free', number>
  >()
  expectTypeOf<Contract.RunRequest<'chat', 'free', number>>().toExtend<
    Core.RunRequest<'chat', 'free', number>
  >()
  expectTypeOf<Core.Config<'a', 'chat', 'free'>>().toExtend<Contract.Config<'a', 'chat', 'free'>>()
  expectTypeOf<Core.Ask>().toEqualTypeOf<Contract.Ask>()
  expectTypeOf<Core.Rules<'a'>>().toEqualTypeOf<Contract.Rules<'a'>>()
  expectTypeOf<Core.Limits>().toEqualTypeOf<Contract.Limits>()
  expectTypeOf<Core.Workload<'a', 'free'>>().toEqualTypeOf<Contract.Workload<'a', 'free'>>()
  expectTypeOf<Core.Tier<'a', 'chat'>>().toEqualTypeOf<Contract.Tier<'a', 'chat'>>()
  expectTypeOf<Core.Check>().toEqualTypeOf<Contract.Check>()
  expectTypeOf<Core.RouteHealth>().toEqualTypeOf<Contract.RouteHealth>()
  expectTypeOf<keyof Contract.Options>().toEqualTypeOf<keyof Core.Options>()
  expectTypeOf<Contract.Options['telemetry']>().toExtend<Core.Options['telemetry']>()
  expectTypeOf<Contract.Sink>().toExtend<Core.Sink>()
  expectTypeOf<Core.Report>().toEqualTypeOf<Contract.Report>()
  expectTypeOf<Contract.Config<'a', 'chat', 'free'>>().toExtend<Core.Config<'a', 'chat', 'free'>>()
  expectTypeOf<Core.KeyedRouteOptions>().toEqualTypeOf<Contract.KeyedRouteOptions>()
  expectTypeOf<Core.EndpointRouteOptions>().toEqualTypeOf<Contract.EndpointRouteOptions>()
  expectTypeOf<Core.Message>().toEqualTypeOf<Contract.Message>()
  expectTypeOf<Core.Part>().toEqualTypeOf<Contract.Part>()
  expectTypeOf<Core.Feedback>().toEqualTypeOf<Contract.Feedback>()
  expectTypeOf<Core.OutputSchema<number>>().toExtend<Contract.OutputSchema<number>>()
  expectTypeOf<Contract.OutputSchema<number>>().toExtend<Core.OutputSchema<number>>()
  expectTypeOf<Core.FailureKind>().toEqualTypeOf<Contract.FailureKind>()
  expectTypeOf<Core.WhyNot>().toEqualTypeOf<Contract.WhyNot>()
  expectTypeOf<Core.Direction>().toEqualTypeOf<Contract.Direction>()
  expectTypeOf<Core.Finish>().toEqualTypeOf<Contract.Finish>()
})

test('functions have the agreed signatures', () => {
  expectTypeOf(openai).toExtend<typeof Contract.openai>()
  expectTypeOf(aiSdk).toExtend<typeof Contract.aiSdk>()
  expectTypeOf(textStream).toExtend<typeof Contract.textStream>()
  expectTypeOf(canned).toExtend<typeof Contract.canned>()
  expectTypeOf(openaiResponses).toExtend<typeof Contract.openaiResponses>()
  expectTypeOf(anthropic).toExtend<typeof Contract.anthropic>()
  expectTypeOf(gemini).toExtend<typeof Contract.gemini>()
  expectTypeOf(agUi).toExtend<typeof Contract.agUi>()
  expectTypeOf(onDevice).toExtend<typeof Contract.onDevice>()
  expectTypeOf(engine).toExtend<typeof Contract.engine>()
  expectTypeOf(schema).toEqualTypeOf<typeof Contract.schema>()
  expectTypeOf(minLength).toEqualTypeOf<typeof Contract.minLength>()
  expectTypeOf(noRefusal).toEqualTypeOf<typeof Contract.noRefusal>()
  expectTypeOf(audit).toExtend<typeof Contract.audit>()
  expectTypeOf(beacon).toExtend<typeof Contract.beacon>()
  expectTypeOf(otlp).toExtend<typeof Contract.otlp>()
  expectTypeOf(toPostHog).toExtend<typeof Contract.toPostHog>()
  expectTypeOf(toSegment).toExtend<typeof Contract.toSegment>()
  expectTypeOf(toGtag).toExtend<typeof Contract.toGtag>()
  expectTypeOf(toConsole).toExtend<typeof Contract.toConsole>()
  expectTypeOf<Core.Sink>().toExtend<Contract.Sink>()
  expectTypeOf<Core.Summary>().toExtend<Contract.Summary>()
  expectTypeOf(createKeyring).toExtend<typeof Contract.createKeyring>()
  expectTypeOf<Core.Keyring>().toExtend<Contract.Keyring>()
})

const llm = createLLM({
  routes: {
    ours: aiSdk({ url: '/api/chat' }),
    mini: openai({ model: 'm', apiKey: () => 'k' }),
    sorry: canned('Sorry.'),
  },
  workloads: { chat: { ladder: ['ours', 'mini'], safe: 'sorry' } },
  tiers: { free: { deny: ['mini'] }, pro: {} },
  defaultTier: 'free',
})

test('names are inferred from the config', () => {
  expectTypeOf(llm).toEqualTypeOf<Core.LLM<'ours' | 'mini' | 'sorry', 'chat', 'free' | 'pro'>>()
  const run = llm.run({ workload: 'chat', tier: 'pro', prompt: 'hi' })
  expectTypeOf(run.outcome)
    .resolves.toHaveProperty('route')
    .toEqualTypeOf<'ours' | 'mini' | 'sorry' | null>()
})

test('misspelt names do not compile', () => {
  // @ts-expect-error no such workload
  void (() => llm.run({ workload: 'chta', prompt: 'hi' }))
  // @ts-expect-error no such tier
  void (() => llm.run({ workload: 'chat', tier: 'gold', prompt: 'hi' }))
  void (() =>
    createLLM({
      routes: { ours: canned('x') },
      // @ts-expect-error no such route
      workloads: { chat: { ladder: ['our'] } },
    }))
  void (() =>
    createLLM({
      routes: { ours: canned('x') },
      workloads: { chat: { ladder: ['ours'] } },
      // @ts-expect-error no such tier
      defaultTier: 'gold',
    }))
  void (() =>
    createLLM({
      routes: { ours: canned('x') },
      // @ts-expect-error no such kind of failure
      workloads: { chat: { ladder: ['ours'], on: { 'time-out': 'next' } } },
    }))
})

test('a check may be a run of the same LLM', () => {
  const judge: Core.Check = async ({ text }, { signal }) => {
    const { text: verdict } = await judging.run({ workload: 'judge', prompt: text, signal }).outcome
    return verdict === 'yes' ? { ok: true } : { ok: false, reason: verdict }
  }
  const judging = createLLM({
    routes: { ours: aiSdk({ url: '/api/chat' }) },
    workloads: { chat: { ladder: ['ours'], checks: [judge] }, judge: { ladder: ['ours'] } },
  })
  expectTypeOf(judging).toEqualTypeOf<Core.LLM<'ours', 'chat' | 'judge', never>>()
})

test('a schema types the object of the outcome', () => {
  const output: Core.StandardSchema<{ city: string }> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: () => ({ value: { city: 'Bonn' } }),
    },
  }
  const run = llm.run({ workload: 'chat', prompt: 'where?', output })
  expectTypeOf(run.outcome).resolves.toHaveProperty('object').toEqualTypeOf<{
    city: string
  } | null>()
})
