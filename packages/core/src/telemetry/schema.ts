import { isName } from './names.ts'
import { SCHEMA } from './version.ts'
import { CHARS, type AttemptRow, type RunRow, type SharedRow } from './rows.ts'

/** Attributes, and signals, of the product's own: at most so many of each in a row. */
export const MOST_OWN = 16

interface Word<Of extends string> {
  readonly type: 'word'
  readonly of: readonly string[]
  /** Never there: by it the compiler finds a word of the union that the list lacks. */
  readonly takes?: (word: Of) => void
}
interface Flag {
  readonly type: 'flag'
}
type Text = { readonly type: 'id' | 'name' } | Word<never>
type Figure =
  | { readonly type: 'step'; readonly of: readonly number[] }
  /** Both bounds are included. */
  | { readonly type: 'whole' | 'number'; readonly from: number; readonly to: number }

/**
 * What a field may hold: an id, a declared name, one word of a list, one number of a list, a number within
 * bounds, or a flag.
 */
export type Field = Text | Figure | Flag

type FieldOf<Value> = [Value] extends [boolean]
  ? Flag
  : [Value] extends [number]
    ? Figure
    : [Value] extends [string]
      ? string extends Value
        ? Text
        : Word<Value>
      : never
type Fields<Row> = { readonly [Name in keyof Row]: FieldOf<Row[Name]> }
type Split<List extends string> = List extends `${infer First} ${infer Rest}`
  ? First | Split<Rest>
  : List

function words<const List extends string>(list: List): Word<Split<List>> {
  return { type: 'word', of: list.split(' ') }
}
function number(from: number, to: number): Figure {
  return { type: 'number', from, to }
}
const id = { type: 'id' } as const
const name = { type: 'name' } as const
const flag = { type: 'flag' } as const
const step: Figure = { type: 'step', of: CHARS }
/** Counts, and ms: up to 24 days. */
const whole: Figure = { type: 'whole', from: 0, to: 2 ** 31 - 1 }
const probability = number(1e-6, 1)
const KINDS =
  'rate-limit quota-exhausted timeout queue-stall stream-stall outage network offline blocked-request invalid-response truncated auth not-found invalid-request context-length unsupported-capability budget-breach latency-ceiling quality-floor blocked-content region-restriction compliance-mismatch'
const kind = words(KINDS)
const cause = words(`${KINDS} belief hold-off hint declined thread`)

const shared: Fields<SharedRow> = {
  row: words('run attempt'),
  schema: { type: 'whole', from: 1, to: SCHEMA },
  id,
  revision: whole,
  started_at: { type: 'whole', from: 1e12, to: 1e13 },
  'user.hash': id,
  'session.id': id,
  'service.version': name,
  workload: name,
  tier: name,
  surface: name,
  experiment: name,
  arm: name,
  propensity: probability,
  sample_weight: number(1, 1e6),
  route: name,
  'gen_ai.provider.name': name,
  'gen_ai.request.model': name,
  'error.type': kind,
  failure_class: words('technical business policy'),
  failure_phase: words('before-request before-content streaming after-answer'),
  finish: words('stop length tool-calls refused filtered truncated'),
  chars: step,
  total_ms: whole,
  'gen_ai.usage.input_tokens': whole,
  'gen_ai.usage.output_tokens': whole,
  'gen_ai.usage.reasoning.output_tokens': whole,
  'gen_ai.usage.cache_read.input_tokens': whole,
  cost_usd: number(0, 1e6),
  wait_ms: whole,
}

const run: Fields<RunRow> = {
  ...shared,
  page: id,
  page_run: whole,
  is_whole_page: flag,
  'gen_ai.conversation.id': id,
  'telemetry.sdk.version': name,
  status: words('open completed partial safe failed stopped superseded abandoned'),
  review: flag,
  degraded_from: name,
  degraded_to: name,
  degraded_cause: cause,
  attempts: whole,
  fallbacks: whole,
  held_out_kind: kind,
  held_out_arm: words('act hold'),
  held_out_propensity: probability,
  held_out_route: name,
  held_out_ms: whole,
  asked: words('first tradeoff recovery'),
  answer: words('yes no expired nobody'),
  paused_ms: whole,
  first_content_ms: whole,
  first_paint_ms: whole,
  painted_by: words('element resize hidden miss none'),
  first_seen_ms: whole,
  longest_gap_ms: whole,
  slow_ms: whole,
  stalls: whole,
  stalled_ms: whole,
  hidden_ms: whole,
  long_frames: whole,
  blocking_ms: whole,
  stream_script_ms: whole,
  inp_ms: whole,
  page_inp_ms: whole,
  page_inp_part: words('input processing presentation'),
  wait_end: words('painted content abandoned failed hidden open'),
  left_how: words('unmounted navigated closed hidden stopped superseded'),
  left_is_final: flag,
  left_phase: words('idle connecting waiting streaming switching asking paused settled'),
  left_chars: step,
  left_route: name,
  left_failure: kind,
  left_ms: whole,
  returns: whole,
  auto_signals: flag,
  accepted: flag,
  copied: flag,
  edited: flag,
  regenerated: flag,
  thumb_up: flag,
  thumb_down: flag,
}

const attempt: Fields<AttemptRow> = {
  ...shared,
  run: id,
  attempt: whole,
  why: words('first next retry probe hedge confirmed hold-out'),
  start_ms: whole,
  from_route: name,
  cause,
  move: words('next faster cheaper stronger larger retry ask safe stop listed'),
  before_ms: whole,
  after_ms: whole,
  headers_ms: whole,
  'gen_ai.response.time_to_first_chunk': number(0, 2 ** 31 / 1000),
  wait_end: words('content failed cut open'),
  expected_p50_ms: whole,
  expected_p90_ms: whole,
  expected_from: words('measured declared prior'),
  target_ms: whole,
  slowed: flag,
  stalls: whole,
  stalled_ms: whole,
  result: words('answered failed ended open'),
  'http.response.status_code': { type: 'whole', from: 100, to: 599 },
  error_code: words(
    'insufficient_quota rate_limit_exceeded overloaded_error invalid_api_key model_not_found invalid_request_error context_length_exceeded content_filter unsupported_country_region_territory',
  ),
  retry_after_ms: whole,
  skipped_events: whole,
  billing: words('none billed possible'),
  move_to: words('retry route ask pause keep safe stop'),
}

/** Every field there is, by kind of row. What is not here is not sent, and not taken. */
export const FIELDS: {
  readonly run: Readonly<Record<keyof RunRow, Field>>
  readonly attempt: Readonly<Record<keyof AttemptRow, Field>>
} = { run, attempt }

const TABLES: Readonly<Record<'run' | 'attempt', ReadonlyMap<string, Field>>> = {
  run: new Map(Object.entries(run)),
  attempt: new Map(Object.entries(attempt)),
}

/** What a field of that name may hold in a row of that kind; null where there is none. */
export function fieldOf(row: 'run' | 'attempt', field: string): Field | null {
  return TABLES[row].get(field) ?? null
}

/** Whether a field may hold a value. */
export function fits(field: Field, value: unknown): boolean {
  switch (field.type) {
    case 'id':
      return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)
    case 'name':
      return isName(value)
    case 'word':
      return typeof value === 'string' && field.of.includes(value)
    case 'step':
      return typeof value === 'number' && field.of.includes(value)
    case 'flag':
      return typeof value === 'boolean'
    case 'whole':
      return Number.isInteger(value) && isWithin(field, value)
    case 'number':
      return isWithin(field, value)
    default:
      return field satisfies never
  }
}

function isWithin(
  { from, to }: { readonly from: number; readonly to: number },
  value: unknown,
): boolean {
  return typeof value === 'number' && value >= from && value <= to
}

const OWN = /^(attribute|signal)\.(.+)$/s

/**
 * The family of a run's field that the product named itself: `attribute.<name>` (a name, a number or a flag)
 * and `signal.<name>` (a number). Null for any other.
 */
export function ownOf(
  field: string,
): { readonly family: 'attribute' | 'signal'; readonly name: string } | null {
  const [, family, own] = OWN.exec(field) ?? []
  if (!isName(own)) return null
  return family === 'attribute' || family === 'signal' ? { family, name: own } : null
}

/** Whether an attribute or a signal may have that value. */
export function fitsOwn(family: 'attribute' | 'signal', value: unknown): boolean {
  if (typeof value === 'number') return isWithin({ from: -1e9, to: 1e9 }, value)
  return family === 'attribute' && (typeof value === 'boolean' || isName(value))
}
