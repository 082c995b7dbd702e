import type { FailureKind } from '../words/failure.ts'
import type { Plan, WhyNot } from '../words/policy.ts'
import { noBudget } from './budget.ts'
import type { Candidate, PlanInput } from './candidate.ts'
import type { Terms } from './limits.ts'
import { order, type Placed } from './order.ts'

/** Less than this is no use to any route, ms. */
const LEAST_MS = 50

function usd(amount: number | null | undefined): string {
  return `${amount?.toFixed(4)} USD`
}
function about({ expected }: Candidate): string {
  return `it would cost about ${usd(expected.costUsd)}`
}
/** What a route would take from the budget, USD. */
function drawn({ payer, expected }: Candidate): number {
  return payer === 'user' ? 0 : (expected.costUsd ?? 0)
}
/** Whose time it is that is left. */
function ofThread({ leftMs, thread }: PlanInput): string {
  return thread.ms <= leftMs && thread.ms < Infinity ? ' for the thread' : ''
}
function left(input: PlanInput): string {
  return `${Math.max(0, Math.round(input.leftMs))} ms are left${ofThread(input)}`
}
/** The most that a budget ever has, USD. */
function whole({ budget }: Terms): number {
  return Math.min(budget?.usdPerDay ?? Infinity, budget?.usdPerSession ?? Infinity)
}

type Verdict = string | false | undefined | null
type Rule = (rung: Candidate, input: PlanInput) => Verdict

/** Each condition on its own: false when the route satisfies it, else why not, for a product person. */
const FIXED: readonly (readonly [WhyNot, Rule])[] = [
  ['no-credential', ({ credential }) => credential === 'missing' && 'it has no key'],
  [
    'unavailable',
    ({ availability }) => availability === 'unavailable' && 'this browser has no model for this',
  ],
  [
    'cannot-do',
    ({ abilities }, { needs }) => {
      const lacking = needs.abilities.filter((ability) => !abilities.includes(ability))
      return lacking.length > 0 && `it has no ${lacking.join(', ')}`
    },
  ],
  [
    'context-too-small',
    ({ facts: { contextTokens = Infinity } }, { needs }) =>
      contextTokens < needs.contextTokens &&
      `it takes ${contextTokens} tokens, this needs about ${needs.contextTokens}`,
  ],
  [
    'denied-to-tier',
    ({ name }, { terms: { allow, deny } }) =>
      (deny.includes(name) || allow?.includes(name) === false) && 'the tier may not use it',
  ],
  [
    'region',
    ({ facts: { region }, privacy }, { terms: { regions } }) =>
      privacy !== 'device' &&
      regions &&
      !(region !== undefined && regions.includes(region)) &&
      `its region is ${region ?? 'not declared'}, only ${regions.join(', ')} will do`,
  ],
  [
    'compliance',
    ({ facts: { compliance = [] }, privacy }, { terms }) => {
      const missing = terms.require.filter((tag) => !compliance.includes(tag))
      return (
        privacy !== 'device' && missing.length > 0 && `it is not declared ${missing.join(', ')}`
      )
    },
  ],
  [
    'below-quality',
    ({ quality }, { terms: { limits } }) =>
      quality < (limits.minQuality ?? 0) &&
      `its quality is ${quality}, the least is ${limits.minQuality}`,
  ],
  [
    'too-costly',
    (rung, { terms: { limits } }) => {
      const { costUsd = Infinity, thread: { costUsd: threadUsd = Infinity } = {} } = limits
      const whose = threadUsd < costUsd ? "the thread's limit" : 'the limit'
      const most = Math.min(costUsd, threadUsd)
      return (rung.expected.costUsd ?? 0) > most && `${about(rung)}, ${whose} is ${usd(most)}`
    },
  ],
  [
    'over-budget',
    (rung, { terms }) =>
      drawn(rung) > whole(terms) && `${about(rung)}, the whole budget is ${usd(whole(terms))}`,
  ],
  [
    'price-unknown',
    ({ expected, payer }, { leftUsd, budget }) =>
      expected.costUsd === null &&
      (leftUsd < Infinity || (payer === 'product' && budget.usd < Infinity)) &&
      'its price is unknown and cost is limited',
  ],
]
/** Conditions that pass with time or with the run: a route they exclude is still what was promised. */
const PASSING: readonly (readonly [WhyNot, Rule])[] = [
  [
    'too-costly',
    (rung, { leftUsd, thread }) =>
      (rung.expected.costUsd ?? 0) > leftUsd &&
      `${about(rung)}, ${usd(leftUsd)} is left${thread.usd <= leftUsd ? ' for the thread' : ''}`,
  ],
  [
    'over-budget',
    (rung, { budget }) =>
      drawn(rung) > budget.usd &&
      `${about(rung)}, ${usd(budget.usd)} is left of the budget for the ${budget.per}`,
  ],
  ['already-tried', ({ isTried }) => isTried && 'it was tried in this run'],
  ['offline', ({ isLocal }, { isOnline }) => !isOnline && !isLocal && 'the browser is offline'],
  [
    'held-back',
    ({ hold }, { now }) =>
      hold &&
      `it is held back after ${hold.kind}` +
        (hold.until === Infinity ? '' : ` for ${Math.ceil((hold.until - now) / 1000)} s`),
  ],
  ['no-time-left', (_, input) => input.leftMs < LEAST_MS && `no time is left${ofThread(input)}`],
  [
    'too-slow',
    ({ expected: { waitMs, waitFrom } }, input) =>
      waitFrom !== 'prior' &&
      waitMs[0] > input.leftMs &&
      `its first word takes about ${Math.round(waitMs[0])} ms, and ${left(input)}`,
  ],
  [
    'too-slow',
    // Half of a text is of use, half of an object is not.
    ({ wholeMs }, input) =>
      wholeMs !== null &&
      wholeMs > input.leftMs &&
      input.needs.abilities.includes('json') &&
      `its whole answer takes about ${Math.round(wholeMs)} ms, and ${left(input)}`,
  ],
]
const RULES = [...FIXED, ...PASSING]

type Exclusion = readonly [why: WhyNot, because: string]

function exclusion(
  rules: readonly (readonly [WhyNot, Rule])[],
  candidate: Candidate,
  input: PlanInput,
): Exclusion | null {
  for (const [why, rule] of rules) {
    const because = rule(candidate, input)
    if (because) return [why, because]
  }
  return null
}

/** Which of `names` may serve the request now, in what order, and why each other one may not. */
export function plan<Name extends string>(
  input: PlanInput<Name>,
  names: readonly Name[] = input.terms.ladder,
): Plan<Name> {
  const open: Candidate<Name>[] = []
  const excluded: Plan<Name>['excluded'][number][] = []
  for (const name of names) {
    const candidate = input.candidates.get(name)
    if (!candidate) continue
    const no = exclusion(RULES, candidate, input)
    if (!no) {
      open.push(candidate)
      continue
    }
    const [why, because] = no
    const until = whenOver(why, candidate, input)
    excluded.push({
      route: name,
      why,
      because,
      ...(until < Infinity ? { until } : {}),
    })
  }
  const routes = order(open, promised(input), input).map(({ candidate, place }) => ({
    route: candidate.name,
    expected: candidate.expected,
    because: `rung ${names.indexOf(candidate.name) + 1} of ${names.length}: ${PLACES[place]}`,
  }))
  return { routes, excluded, safe: input.terms.safe, arm: input.terms.arm }
}

const PLACES: Readonly<Record<Placed<string>['place'], string>> = {
  own: 'meets every condition',
  kept: 'meets every condition, and the thread is with it',
  probe: 'it failed lately, and this run finds out whether it still does',
  suspect: 'it failed lately, so it comes after the others',
  returning: 'it is good again, and is gone back to little by little',
}

/** When an exclusion ends by itself; Infinity where nobody knows. */
function whenOver(why: WhyNot, candidate: Candidate, { terms, budget }: PlanInput): number {
  if (why === 'held-back') return candidate.hold?.until ?? Infinity
  return why === 'over-budget' && drawn(candidate) <= whole(terms)
    ? (budget.until ?? Infinity)
    : Infinity
}

/** The first rung that the tier and the request permit, whatever its state now: what was promised. */
export function promised<Name extends string>(input: PlanInput<Name>): Candidate<Name> | null {
  for (const name of input.terms.ladder) {
    const candidate = input.candidates.get(name)
    if (candidate && !exclusion(FIXED, candidate, input)) return candidate
  }
  return null
}

/**
 * Why a route can never serve under these terms, by what the config declares of it; null when it can.
 * Keys, and what a request will cost, are known only later.
 */
export function declaredAgainst(candidate: Candidate, terms: Terms): string | null {
  const input: PlanInput = {
    terms,
    candidates: new Map(),
    needs: { abilities: [], contextTokens: 0 },
    isOnline: true,
    now: 0,
    kept: null,
    leftUsd: terms.limits.costUsd ?? Infinity,
    leftMs: Infinity,
    thread: { usd: Infinity, ms: Infinity },
    budget: { ...noBudget, usd: whole(terms) },
  }
  const no = exclusion(FIXED.slice(1), candidate, input)
  return no && no[1]
}

const KINDS: Partial<Record<WhyNot, FailureKind>> = {
  'no-credential': 'auth',
  offline: 'offline',
  unavailable: 'unsupported-capability',
  'cannot-do': 'unsupported-capability',
  'context-too-small': 'context-length',
  region: 'region-restriction',
  compliance: 'compliance-mismatch',
  'denied-to-tier': 'compliance-mismatch',
  'too-costly': 'budget-breach',
  'price-unknown': 'budget-breach',
  'over-budget': 'budget-breach',
  'below-quality': 'quality-floor',
}

/** What is in the way of a route, as a failure of it; null where nothing is, or its hold. */
export function kindAgainst(candidate: Candidate, input: PlanInput): FailureKind | null {
  const [why] = exclusion(RULES, candidate, input) ?? []
  return (why && KINDS[why]) ?? null
}

/** What it means that no route may serve. */
export interface Emptiness<Name extends string> {
  readonly kind: FailureKind
  readonly route: Name | null
  readonly provider: string | null
  readonly until: number | null
}

/** Offline if that is all that is in the way of a route, else what is in the way of the first untried one. */
export function emptiness<Name extends string>(
  { excluded }: Plan<Name>,
  candidates: ReadonlyMap<Name, Candidate<Name>>,
): Emptiness<Name> | null {
  const untried = excluded.filter(({ why }) => why !== 'already-tried')
  const first = untried.find(({ why }) => why === 'offline') ?? untried[0]
  const candidate = first && candidates.get(first.route)
  if (!candidate) return null
  const kind = first.why === 'held-back' ? candidate.hold?.kind : KINDS[first.why]
  return {
    kind: kind ?? 'latency-ceiling',
    route: first.route,
    provider: candidate.provider,
    // Whoever waits wants to know when the first of them is back.
    until: untried.reduce<number | null>(
      (least, { until = null }) =>
        until === null || (least !== null && least < until) ? least : until,
      null,
    ),
  }
}
