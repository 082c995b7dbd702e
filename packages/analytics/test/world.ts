import { SCHEMA, type Report } from '@rungs/core/telemetry'
import { choose, createRandom, exponential, logNormal } from './random.ts'

// Runs of a made-up product, whose truth is known. Planted: a provider that fails (acme), a model that is slow
// (deep-1) and stalls, a surface that falls back for its network (mobile), one whose users are impatient (search) and
// one whose page is heavy (editor); a
// fallback that helps (from acme's outages), one that harms (from the slow model to a quick, bad one), and an
// arm of an experiment that harms (cheap). Everything else is as good as everything else.

export interface Route {
  readonly route: string
  readonly provider: string
  readonly model: string
  /** To the first content: a log-normal. */
  readonly medianMs: number
  readonly sigma: number
  readonly outages: number
}
const made = (
  route: string,
  provider: string,
  medianMs: number,
  sigma: number,
  outages = 0.015,
): Route => ({
  route,
  provider,
  model: `${route}-1`,
  medianMs,
  sigma,
  outages,
})
export const ROUTES: Readonly<
  Record<'ours' | 'spare' | 'desk' | 'claude' | 'deep' | 'fast' | 'sorry', Route>
> = {
  ours: made('ours', 'openai', 700, 0.5),
  spare: made('spare', 'mistral', 700, 0.5),
  desk: made('desk', 'acme', 900, 0.4, 0.12),
  claude: made('claude', 'anthropic', 900, 0.4),
  deep: made('deep', 'deepseek', 2600, 0.6),
  fast: made('fast', 'groq', 300, 0.4),
  sorry: made('sorry', 'canned', 1, 0.1, 0),
}

type Job = 'chat' | 'support' | 'briefing'
interface Work {
  readonly first: Route
  readonly second: Route
  readonly targetMs: number
  readonly deadlineMs: number
}
const WORK: Readonly<Record<Job, Work>> = {
  chat: { first: ROUTES.ours, second: ROUTES.spare, targetMs: 3000, deadlineMs: 3500 },
  support: { first: ROUTES.desk, second: ROUTES.claude, targetMs: 3000, deadlineMs: 4000 },
  briefing: { first: ROUTES.deep, second: ROUTES.fast, targetMs: 4000, deadlineMs: 6000 },
}
export const SURFACES = { sidebar: 0.35, editor: 0.3, search: 0.2, mobile: 0.15 } as const
type Surface = keyof typeof SURFACES
const JOBS = { chat: 0.5, support: 0.3, briefing: 0.2 } as const
/** Chat is an experiment: the cheap arm's answers are liked less, `same` is the control by another name. */
export const ARMS = { control: 0.5, cheap: 0.25, same: 0.25 } as const
/** Held out, by workload: the weights matter where they differ. */
const HOLD: Readonly<Record<Job, number>> = { chat: 0.05, support: 0.1, briefing: 0.1 }
/** Users on slow lines: how many, how much slower, and how much more patient, for they are used to waiting. */
export const SLOW = {
  share: 0.3,
  slower: 1.7,
  morePatient: 1.8,
  /** How long users wait before they leave, exponential, by surface. */
  patienceMs: { sidebar: 30_000, editor: 30_000, search: 9_000, mobile: 30_000 },
} as const
/** Time until a page that is waited on is hidden for good. */
const HIDDEN_MS = 120_000
const RUNS_A_USER = 12
const START = Date.UTC(2026, 5, 1)
const SPAN_MS = 14 * 86_400_000

/** What the fate of one run is forced to, to learn the truth. */
export interface Force {
  readonly held?: 'act' | 'hold'
  readonly arm?: keyof typeof ARMS
}
interface Tried {
  readonly route: Route
  readonly why: string
  readonly startMs: number
  readonly endMs: number
  readonly fate: 'content' | 'failed' | 'cut' | 'ended'
  readonly kind: string | null
}

/** One run as it went. Times are ms since the gesture. */
export interface Story {
  readonly index: number
  readonly user: number
  readonly surface: Surface
  readonly job: Job
  readonly arm: keyof typeof ARMS | null
  readonly tried: readonly Tried[]
  readonly trigger: {
    readonly kind: 'outage' | 'queue-stall'
    readonly route: Route
    readonly atMs: number
    readonly arm: 'act' | 'hold'
    readonly propensity: number
  } | null
  readonly waitMs: number
  readonly waitEnd: 'content' | 'abandoned' | 'hidden' | 'failed'
  readonly isSafe: boolean
  readonly isGood: boolean
}

/** The odds of an answer that is liked, by who gives it and how. */
function likes(job: Job, route: Route, isHeld: boolean, arm: Story['arm']): number {
  if (route === ROUTES.sorry) return 0
  if (job === 'briefing' && route === ROUTES.fast) return 0.45
  if (job === 'briefing' && isHeld) return 0.7
  return 0.8 - (arm === 'cheap' ? 0.06 : 0)
}

/** One run of one world: all that happens follows from the two numbers and what is forced. */
export function tell(seed: number, index: number, users: number, force: Force = {}): Story {
  const random = createRandom(seed, index)
  const user = Math.floor(random() * users)
  const own = createRandom(seed, user, 77)
  const isSlow = own() < SLOW.share
  // Some users like nothing: their runs are not independent.
  const mood = 0.4 * (own() - 0.5)
  const drawnArm = choose(own, Object.entries(ARMS))
  const surface = choose(random, pairs(SURFACES))
  const job = choose(random, pairs(JOBS))
  const { first, second, deadlineMs } = WORK[job]
  const arm =
    job === 'chat'
      ? (force.arm ?? pairs(ARMS).find(([one]) => one === drawnArm)?.[0] ?? null)
      : null

  const patienceMs = exponential(random, SLOW.patienceMs[surface] * (isSlow ? SLOW.morePatient : 1))
  const hiddenMs = exponential(random, HIDDEN_MS)
  const endMs = Math.min(patienceMs, hiddenMs)
  const roll = random()
  const isHeld = (force.held ?? (roll < HOLD[job] ? 'hold' : 'act')) === 'hold'
  const liking = random()
  const wait = (route: Route): number =>
    logNormal(random, route.medianMs * (isSlow ? SLOW.slower : 1), route.sigma)

  const tried: Tried[] = []
  let trigger: Story['trigger'] = null
  let contentMs = Number.POSITIVE_INFINITY
  let answeredBy: Route = ROUTES.sorry
  let nowMs = 20
  /** Adds an attempt; true while the run goes on. */
  const attempt = (
    route: Route,
    why: string,
    lastsMs: number,
    fate: Tried['fate'],
    kind: string | null,
  ): boolean => {
    const stopMs = Math.max(nowMs, Math.min(nowMs + lastsMs, endMs))
    // A page that is hidden for good goes on to its answer; one that was left does not.
    const isLeft = nowMs + lastsMs > patienceMs && patienceMs <= hiddenMs
    tried.push({
      route,
      why,
      startMs: nowMs,
      endMs: isLeft ? stopMs : nowMs + lastsMs,
      fate: isLeft ? 'ended' : fate,
      kind: isLeft ? null : kind,
    })
    nowMs += lastsMs
    if (fate === 'content' && !isLeft) {
      contentMs = nowMs
      answeredBy = route
    }
    return !isLeft && fate !== 'content'
  }
  /** How a fresh attempt goes, when nothing cuts it. */
  const fortune = (route: Route): readonly [number, Tried['fate'], string | null] => {
    const odds = random()
    const soonMs = 80 + 400 * random()
    const contentAfterMs = wait(route)
    if (surface === 'mobile' && route !== ROUTES.sorry && odds > 0.9)
      return [soonMs, 'failed', 'network']
    if (odds < route.outages) return [soonMs, 'failed', 'outage']
    if (odds < route.outages + 0.005) return [soonMs, 'failed', 'rate-limit']
    return [contentAfterMs, 'content', null]
  }
  const [lastsMs, fate, kind] = fortune(first)
  const isLate = fate === 'content' && lastsMs > deadlineMs
  const cause = isLate ? 'queue-stall' : fate === 'failed' ? kind : null
  const triggerMs = nowMs + (isLate ? deadlineMs : lastsMs)
  const isTrigger = (cause === 'outage' || cause === 'queue-stall') && triggerMs < endMs
  if (isTrigger) {
    trigger = {
      kind: cause,
      route: first,
      atMs: triggerMs,
      arm: isHeld ? 'hold' : 'act',
      propensity: isHeld ? HOLD[job] : 1 - HOLD[job],
    }
  }
  const isHeldOut = isTrigger && isHeld
  if (cause === null) attempt(first, 'first', lastsMs, 'content', null)
  else if (isHeldOut && isLate) {
    // Waiting on comes to the same as falling back, but for the slow model, whose answer is on its way.
    const [onMs, onFate, onKind] = fortune(second)
    const isDeep = first === ROUTES.deep
    const allMs = isDeep ? lastsMs : deadlineMs + 5 + onMs
    if (attempt(first, 'first', allMs, isDeep ? 'content' : onFate, isDeep ? null : onKind)) {
      attempt(ROUTES.sorry, 'next', 1, 'content', null)
    }
  } else if (
    attempt(first, 'first', isLate ? deadlineMs : lastsMs, isLate ? 'cut' : 'failed', cause)
  ) {
    nowMs += 5
    // An outage of acme's goes on; trying again elsewhere comes to the same as falling back.
    const isDownStill = isHeldOut && first === ROUTES.desk && random() < 0.7
    const next = isHeldOut ? first : second
    const as = first === ROUTES.deep ? next : second
    const [nextMs, nextFate, nextKind] = isDownStill
      ? ([300, 'failed', 'outage'] as const)
      : fortune(as)
    if (attempt(next, isHeldOut ? 'hold-out' : 'next', nextMs, nextFate, nextKind)) {
      attempt(ROUTES.sorry, 'next', 1, 'content', null)
    }
  }

  const isContent = contentMs <= endMs
  const likely = likes(job, answeredBy, isHeldOut, arm) + mood
  return {
    index,
    user,
    surface,
    job,
    arm,
    tried,
    trigger,
    waitMs: Math.min(contentMs, endMs),
    waitEnd: isContent ? 'content' : patienceMs < hiddenMs ? 'abandoned' : 'hidden',
    isSafe: isContent && answeredBy === ROUTES.sorry,
    isGood: isContent && answeredBy !== ROUTES.sorry && liking < likely,
  }
}

/** What may be wrong with what arrives. */
export interface Flaws {
  /** The share of runs that are never told to their end, by the arm of the hold-out; null without a trigger. */
  readonly lost: (arm: 'act' | 'hold' | null) => number
  /** The share of runs whose rows get lost whole. */
  readonly gone: number
  /** The share of the triggers held out, whatever is recorded. */
  readonly held?: number
}
const SOUND: Flaws = { lost: () => 0.004, gone: 0.001 }
/** Every run of these users is told, and every fallback of the others'. */
const SAMPLED = 0.5

/** The rows of so many told runs, run by run. */
export function* play(
  seed: number,
  runs: number,
  flaws: Flaws = SOUND,
): Generator<readonly Report[], void, void> {
  const users = Math.max(2, Math.round(runs / RUNS_A_USER))
  const pageRuns = new Map<number, number>()
  let told = 0
  for (let index = 0; told < runs; index += 1) {
    const chance = createRandom(seed, index, 13)
    const force: Force =
      flaws.held === undefined ? {} : { held: chance() < flaws.held ? 'hold' : 'act' }
    const story = tell(seed, index, users, force)
    const isSampled = createRandom(seed, story.user, 5)() < SAMPLED
    const pageRun = pageRuns.get(story.user) ?? 0
    pageRuns.set(story.user, pageRun + 1)
    const isGone = chance() < flaws.gone
    const isLost = chance() < flaws.lost(story.trigger?.arm ?? null)
    const stepMs = SPAN_MS / (1.8 * runs)
    const rows = rowsOf(story, { seed, isSampled, pageRun, isLost, stepMs })
    if (rows.length === 0 || isGone) continue
    told += 1
    yield rows
  }
}

function rowsOf(
  story: Story,
  {
    seed,
    isSampled,
    pageRun,
    isLost,
    stepMs,
  }: {
    readonly seed: number
    readonly isSampled: boolean
    readonly pageRun: number
    readonly isLost: boolean
    readonly stepMs: number
  },
): readonly Report[] {
  const { index, user, job, surface, arm, trigger, waitMs, waitEnd } = story
  const { targetMs } = WORK[job]
  const tried = isLost && !trigger ? story.tried.slice(0, 1) : story.tried
  const isFallback = tried.some((one, at) => at > 0 && one.route !== tried[at - 1]?.route)
  const isKept = isFallback || trigger !== null
  if (!isKept && !isSampled) return []
  const random = createRandom(seed, index, 99)
  const id = `${seed}-${index}`
  const shared = {
    schema: SCHEMA,
    started_at: START + Math.round(index * stepMs),
    'user.hash': `u${seed}-${user}`,
    workload: job,
    tier: user % 3 === 0 ? 'pro' : 'free',
    surface,
    ...(arm === null ? {} : { experiment: 'order', arm, propensity: ARMS[arm] }),
    sample_weight: isKept ? 1 : 1 / SAMPLED,
  }
  const attempts = tried.map((one, at): Report => {
    const before = tried[at - 1]
    const isFirst = before === undefined
    return {
      row: 'attempt',
      ...shared,
      id: `${id}.${at + 1}`,
      revision: 9,
      run: id,
      attempt: at + 1,
      ...facts(one.route),
      why: one.why,
      start_ms: Math.round(one.startMs),
      ...(isFirst
        ? {}
        : {
            from_route: before.route.route,
            cause: before.kind,
            move: one.why === 'hold-out' ? 'retry' : one.route === ROUTES.sorry ? 'safe' : 'next',
            before_ms: Math.round(before.endMs),
          }),
      result: isLost ? 'open' : RESULTS[one.fate],
      ...(isLost ? { wait_end: 'open' } : ended(one, before)),
      target_ms: targetMs,
      cost_usd: one.route === ROUTES.sorry ? 0 : one.route.medianMs / 1e6,
      ...(one.fate === 'failed' || one.fate === 'cut' ? { 'error.type': one.kind } : {}),
    }
  })
  const last = tried.findLast(({ fate }) => fate === 'content')
  const isLeft = waitEnd === 'abandoned' || waitEnd === 'hidden'
  const status =
    last?.route === ROUTES.sorry ? 'safe' : waitEnd === 'abandoned' ? 'stopped' : 'completed'
  const run: Report = {
    row: 'run',
    ...shared,
    id,
    revision: 9,
    page: `p${user}`,
    page_run: pageRun,
    is_whole_page: isSampled,
    attempts: tried.length,
    fallbacks: tried.filter((one, at) => at > 0 && one.route !== tried[at - 1]?.route).length,
    ...(trigger
      ? {
          held_out_kind: trigger.kind,
          held_out_arm: trigger.arm,
          held_out_propensity: trigger.propensity,
          held_out_route: trigger.route.route,
          held_out_ms: Math.round(trigger.atMs),
        }
      : {}),
    ...(isLost
      ? { status: 'open', wait_end: 'open' }
      : {
          status,
          ...(last ? facts(last.route) : {}),
          wait_ms: Math.round(waitMs),
          wait_end: waitEnd,
          chars: waitEnd === 'content' ? 200 : 0,
          cost_usd: tried.length / 1000,
          total_ms: Math.round(waitMs + 2000),
          ...(waitEnd === 'content' ? { first_content_ms: Math.round(waitMs) } : {}),
          ...felt(createRandom(seed, index, 21), last?.route, surface),
          ...(isLeft
            ? {
                left_how: waitEnd === 'hidden' ? 'hidden' : random() < 0.5 ? 'stopped' : 'closed',
                left_is_final: waitEnd === 'abandoned',
                left_phase: tried.length > 1 ? 'switching' : 'connecting',
                left_chars: 0,
                left_ms: Math.round(waitMs),
                ...(tried.length > 1 ? { left_failure: tried[0]?.kind ?? null } : {}),
              }
            : {}),
          ...(waitEnd === 'content' && !story.isGood && status === 'completed'
            ? { [random() < 0.5 ? 'thumb_down' : 'regenerated']: true }
            : {}),
        }),
  }
  return [run, ...attempts]
}

const RESULTS = { content: 'answered', failed: 'failed', cut: 'failed', ended: 'ended' } as const
const facts = ({ route, provider, model }: Route): Report => ({
  route,
  'gen_ai.provider.name': provider,
  'gen_ai.request.model': model,
})
function ended(one: Tried, before: Tried | undefined): Report {
  const waitMs = Math.round(one.endMs - one.startMs)
  const isContent = one.fate === 'content'
  return {
    wait_ms: waitMs,
    wait_end: one.fate === 'ended' ? 'cut' : one.fate,
    ...(isContent ? { 'gen_ai.response.time_to_first_chunk': waitMs / 1000 } : {}),
    ...(isContent && before ? { after_ms: Math.round(one.endMs - before.endMs) } : {}),
  }
}

/** How the answer came and the page answered: the slow model's text stalls, and the editor is heavy. */
function felt(random: () => number, route: Route | undefined, surface: Surface): Report {
  const isStalled = random() < (route === ROUTES.deep ? 0.4 : 0.04)
  const isTouched = random() < 0.5
  const isSluggish = random() < (surface === 'editor' ? 0.4 : 0.1)
  const inpMs = 8 * Math.round(isSluggish ? 26 + 40 * random() : 3 + 20 * random())
  return {
    slow_ms: random() < 0.1 ? Math.round(3000 * random()) : 0,
    stalls: isStalled ? 1 : 0,
    stalled_ms: isStalled ? Math.round(1001 + exponential(random, 2000)) : 0,
    long_frames: isSluggish ? 3 : 0,
    blocking_ms: isSluggish ? 300 : 0,
    stream_script_ms: 0,
    ...(isTouched ? { inp_ms: inpMs } : {}),
  }
}

function pairs<Key extends string>(
  shares: Readonly<Record<Key, number>>,
): readonly (readonly [Key, number])[] {
  const keys: readonly string[] = Object.keys(shares)
  return keys.flatMap((key) => (isKey(shares, key) ? [[key, shares[key]] as const] : []))
}
function isKey<Key extends string>(shares: Readonly<Record<Key, number>>, key: string): key is Key {
  return Object.hasOwn(shares, key)
}
