import type { Billing, Attempt as Try, Finish, Latency, Outcome, RunState } from '../words/event.ts'
import type { FailureClass, FailureKind, FailurePhase } from '../words/failure.ts'
import type { Inp } from '../words/world.ts'
import type { Confirmation, Degraded, Direction, Expected, Move } from '../words/policy.ts'

/**
 * What rows of both kinds say. Names with a dot are OpenTelemetry's (semantic conventions 1.42, GenAI); ours
 * become `rungs.<name>` there. Times are ms, but for OpenTelemetry's, which are seconds. A name is one that the
 * product declared: at most 64 of `[\w.:/@-]`, 100 a field, then `other`.
 */
export interface SharedRow {
  readonly row: 'run' | 'attempt'
  /** The version of these fields. */
  readonly schema: number
  /** Of an attempt: its run's, a dot, its number. */
  readonly id: string
  /** Of rows with the same id, the one with the highest holds. */
  readonly revision: number
  /** Epoch ms, by the browser's clock. */
  readonly started_at: number
  /** The user, hashed: whom runs are counted by where they are not independent. */
  readonly 'user.hash': string
  readonly 'session.id': string
  /** The product's own version. */
  readonly 'service.version': string
  readonly workload: string
  readonly tier: string
  readonly surface: string
  /** The experiment of whole ladders, the user's arm and how probable that arm was. */
  readonly experiment: string
  readonly arm: string
  readonly propensity: number
  /** How many rows this one stands for. */
  readonly sample_weight: number
  /** The route; of a run, the one that answered, or was last tried. */
  readonly route: string
  readonly 'gen_ai.provider.name': string
  readonly 'gen_ai.request.model': string
  /** Why it failed; of a run, what ended it or led to what was kept. */
  readonly 'error.type': FailureKind
  readonly failure_class: FailureClass
  readonly failure_phase: FailurePhase
  readonly finish: Finish
  /** Characters of answer, at least so many; of a run, those on the screen. */
  readonly chars: (typeof CHARS)[number]
  readonly total_ms: number
  readonly 'gen_ai.usage.input_tokens': number
  readonly 'gen_ai.usage.output_tokens': number
  readonly 'gen_ai.usage.reasoning.output_tokens': number
  readonly 'gen_ai.usage.cache_read.input_tokens': number
  /** USD; of a run, of all its attempts; null where a price is unknown. */
  readonly cost_usd: number
  /** How long nothing had come, and what ended that. Of a run: visible time since the gesture. */
  readonly wait_ms: number
}

/** One run. Durations are from the user's gesture. */
export interface RunRow extends SharedRow {
  /** The page that it ran in, and its number there, from 0: a gap is a run that was lost. */
  readonly page: string
  readonly page_run: number
  /** Every run of this page is sent, not only those that fell back. */
  readonly is_whole_page: boolean
  /** The thread, hashed. */
  readonly 'gen_ai.conversation.id': string
  readonly 'telemetry.sdk.version': string
  readonly status: Outcome['status'] | 'open'
  readonly review: boolean
  readonly degraded_from: string
  readonly degraded_to: string
  readonly degraded_cause: Degraded['cause']
  readonly attempts: number
  /** Attempts of another route than the one that was promised or had failed. */
  readonly fallbacks: number
  /** Falling back was left to chance: of what kind of failure, when, and how probable the drawn arm was. */
  readonly held_out_kind: FailureKind
  readonly held_out_arm: 'act' | 'hold'
  readonly held_out_propensity: number
  readonly held_out_route: string
  readonly held_out_ms: number
  readonly asked: Confirmation['about']
  readonly answer: 'yes' | 'no' | 'expired' | 'nobody'
  /** Spent paused: offline, or asleep. */
  readonly paused_ms: number
  readonly first_content_ms: number
  readonly first_paint_ms: number
  readonly painted_by: Latency['paintedBy']
  /** What came while nobody looked was first looked at then. */
  readonly first_seen_ms: number
  readonly longest_gap_ms: number
  /** Watched time in which the run was called slow: waiting longer than 9 in 10 times. Hidden and paused time apart. */
  readonly slow_ms: number
  /** Gaps of more than 1 s in text that had begun, until more came or it was given up; how many, and watched time. */
  readonly stalls: number
  readonly stalled_ms: number
  readonly hidden_ms: number
  /**
   * The page while the run lasted: frames of 50 ms and more, how long they blocked it, and scripts that read streams in
   * them; its slowest interaction, from input to paint. Null where the browser does not tell, or nobody touched it.
   */
  readonly long_frames: number
  readonly blocking_ms: number
  readonly stream_script_ms: number
  readonly inp_ms: number
  /** The page's own INP (web-vitals), where it fell into this run, and which part of it took longest. */
  readonly page_inp_ms: number
  readonly page_inp_part: Inp['part']
  /**
   * `painted`, `content` (nobody noted a paint), `abandoned` (the user left before), `failed`; censored:
   * `hidden` (nobody looked when it came, or ever again), `open`.
   */
  readonly wait_end: 'painted' | 'content' | 'abandoned' | 'failed' | 'hidden' | 'open'
  /** How the user left it, if so, with what on the screen, by which route, after which failure, when. */
  readonly left_how: 'unmounted' | 'navigated' | 'closed' | 'hidden' | 'stopped' | 'superseded'
  /** False: the user may come back, and a later revision says so. */
  readonly left_is_final: boolean
  readonly left_phase: RunState['phase']
  readonly left_chars: (typeof CHARS)[number]
  readonly left_route: string
  readonly left_failure: FailureKind
  readonly left_ms: number
  /** How often the user left and came back. */
  readonly returns: number
  /** Whether copying and asking again are noted by themselves: without, their absence says nothing. */
  readonly auto_signals: boolean
  readonly accepted: boolean
  readonly copied: boolean
  readonly edited: boolean
  readonly regenerated: boolean
  readonly thumb_up: boolean
  readonly thumb_down: boolean
}

/** One attempt. Durations are from its start unless said otherwise. */
export interface AttemptRow extends SharedRow {
  /** The run's id. */
  readonly run: string
  readonly attempt: number
  readonly why: Try['why']
  /** From the gesture to this attempt. */
  readonly start_ms: number
  /** What it came from: the route before, what was wrong with it, and where the move looked. Null for the first. */
  readonly from_route: string
  readonly cause: Degraded['cause']
  readonly move: Direction | 'listed'
  /** From the gesture to what it came from, and from there to this attempt's first content. */
  readonly before_ms: number
  readonly after_ms: number
  readonly headers_ms: number
  /** Seconds to the first answer text or tool call; not role frames, comments or reasoning. */
  readonly 'gen_ai.response.time_to_first_chunk': number
  /**
   * `content`, `failed` (by itself), or censored: `cut` (a deadline of ours, or the user, ended it first;
   * it would have come after `wait_ms`), `open`.
   */
  readonly wait_end: 'content' | 'failed' | 'cut' | 'open'
  /** What was expected when the run began, to the first content, and where that came from. */
  readonly expected_p50_ms: number
  readonly expected_p90_ms: number
  readonly expected_from: Expected['waitFrom']
  /** What the product promises to the first content (`limits.firstChunkMs`). */
  readonly target_ms: number
  /** Waited longer than its p90. */
  readonly slowed: boolean
  /** Like the run's, while this attempt was on the screen and not given up; null where it never came to content. */
  readonly stalls: number
  readonly stalled_ms: number
  /** `ended`: cut off by the user, or by another attempt's answer. */
  readonly result: 'answered' | 'failed' | 'ended' | 'open'
  readonly 'http.response.status_code': number
  /** The provider's own code, of the few that we know. */
  readonly error_code: string
  readonly retry_after_ms: number
  readonly skipped_events: number
  readonly billing: Billing
  /** What was done about its failure. */
  readonly move_to: Move['to']
}

/** Lengths are told in steps, so that no answer can be known by its length. */
export const CHARS = [0, 1, 50, 200, 1000, 4000] as const
