import type { Feedback } from '../words/event.ts'
import { signalOf, type Reported, type RunFacts } from './fold.ts'
import type { Names } from './names.ts'
import { feltOf } from './pace.ts'
import type { Report } from '../words/telemetry.ts'
import { SCHEMA } from './version.ts'
import { tidy } from './tidy.ts'

/** What rows say of a run that its events do not. */
export interface ReportContext extends RunFacts {
  /** The names told so far, of every run of the page. */
  readonly names: Names
  /** Already hashed. */
  readonly user: string | null
  readonly session: string | null
  /** A random id of this page, and the number of the run in it, from 0. */
  readonly page: string
  readonly pageRun: number
  readonly sdk: string
  readonly release: string | null
  /** `limits.firstChunkMs` in force. */
  readonly targetMs: number | null
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly hasAutoSignals: boolean
  readonly sampling: Sampling
}

/** Of `rate` of the users every run is sent; where fallbacks are kept, of the others those that fell back, or were left for good. */
export interface Sampling {
  readonly rate: number
  readonly isSampled: boolean
  readonly keepsFallbacks: boolean
}

/**
 * The rows as they stand: the run's, then its attempts'. Each has a revision, which is higher than before only
 * where it has changed. None, where sampling leaves this run out.
 *
 * @param isWanted rows are only made where somebody wants them; default all
 */
export function reportsOf(
  folded: Reported,
  context: ReportContext,
  isWanted: (id: unknown, revision: unknown) => boolean = () => true,
): readonly Report[] {
  const { run, attempts, left } = folded
  const { sampling, names } = context
  // Whoever was left for good stays so; of one that may come back, a row could never be taken back.
  const isTelling = run.fallbacks || run.held_out_arm || left?.left_is_final
  const isKept = sampling.keepsFallbacks && Boolean(isTelling)
  if (!isKept && !sampling.isSampled) return []
  const { id, workload, tier, surface, experiment, arm, propensity } = run
  const shared = {
    schema: SCHEMA,
    workload,
    tier,
    surface,
    experiment,
    arm,
    propensity,
    'user.hash': context.user,
    'session.id': context.session,
    'service.version': context.release,
    sample_weight: isKept ? 1 : 1 / sampling.rate,
  }
  const own = Object.entries(context.attributes).map(([name, value]) => [
    `attribute.${name}`,
    value,
  ])
  const ofRun = {
    row: 'run',
    ...shared,
    ...run,
    ...feltOf(folded.pace),
    ...folded.vitals,
    ...left,
    ...folded.signals,
    ...Object.fromEntries(own),
    id,
    revision: folded.revision,
    attempts: attempts.length,
    chars: run.chars ?? folded.chars,
    page: context.page,
    page_run: context.pageRun,
    is_whole_page: sampling.isSampled,
    'telemetry.sdk.version': context.sdk,
    auto_signals: context.hasAutoSignals,
  }
  const wanted = attempts.filter((one) => isWanted(one.id, one.revision))
  return [
    ...(isWanted(id, folded.revision) ? [tidy('run', ofRun, names)] : []),
    ...wanted.map((one) =>
      tidy('attempt', { row: 'attempt', ...shared, target_ms: context.targetMs, ...one }, names),
    ),
  ]
}

/**
 * A run's row with what the user made of the answer later, after a reload too.
 *
 * @param report the newest row that was made of the run
 */
export function withFeedback(report: Report, value: Feedback, names: Names): Report {
  const revision = Number(report['revision']) + 1
  return tidy('run', { ...report, ...signalOf(value), revision }, names)
}
