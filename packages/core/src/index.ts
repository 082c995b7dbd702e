export { language, type DetectLanguage } from './checks/language.ts'
export { minLength } from './checks/minLength.ts'
export { noRefusal } from './checks/noRefusal.ts'
export { schema } from './checks/schema.ts'
export { createKeyring, type Keyring, type KeyringOptions, type KeyStatus } from './keys/keyring.ts'
export { notePaint } from './page/paint.ts'
export { createLLM, defineConfig, type LLM, type Options } from './llm.ts'
export { agUi } from './wire/agUi.ts'
export { beacon } from './telemetry/sinks/beacon.ts'
export { toConsole } from './telemetry/sinks/console.ts'
export { toGtag } from './telemetry/sinks/gtag.ts'
export { otlp } from './telemetry/sinks/otlp.ts'
export { toPostHog } from './telemetry/sinks/posthog.ts'
export { toSegment } from './telemetry/sinks/segment.ts'
export { idle as idleState } from './run/state.ts'
export { aiSdk } from './wire/aiSdk.ts'
export { anthropic } from './wire/anthropic.ts'
export { canned } from './wire/canned.ts'
export { engine } from './wire/engine.ts'
export { gemini } from './wire/gemini.ts'
export { onDevice } from './wire/onDevice.ts'
export { openai } from './wire/openai.ts'
export { openaiResponses } from './wire/openaiResponses.ts'
export { textStream } from './wire/textStream.ts'

export type {
  Attempt,
  Billing,
  Feedback,
  Finish,
  Latency,
  Note,
  Outcome,
  ReadonlyStore,
  Run,
  RunEvent,
  RunState,
  RunStep,
  Usage,
} from './words/event.ts'
export type {
  BusinessKind,
  Failure,
  FailureClass,
  FailureKind,
  FailurePhase,
  PolicyKind,
  TechnicalKind,
} from './words/failure.ts'
export type { Message, Part, ToolCall } from './words/message.ts'
export type {
  Ask,
  Check,
  CheckVerdict,
  Config,
  Confirmation,
  Degraded,
  Difference,
  Direction,
  Expected,
  Hint,
  Limits,
  Move,
  Plan,
  RouteHealth,
  Rules,
  Tier,
  Tradeoff,
  WhyNot,
  Workload,
} from './words/policy.ts'
export type { RunRequest, Tool } from './words/request.ts'
export type {
  Ability,
  EndpointRouteOptions,
  KeyedRouteOptions,
  MaybeAsync,
  Pace,
  Route,
  RouteFacts,
} from './words/route.ts'
export type { OutputSchema, SchemaResult, StandardSchema } from './words/schema.ts'
export type {
  Attributes,
  Dropped,
  Means,
  Report,
  Sink,
  Summary,
  TelemetryOptions,
  Verdict,
} from './words/telemetry.ts'
export type { Archive, Cancel, Locks, Page, World } from './words/world.ts'
