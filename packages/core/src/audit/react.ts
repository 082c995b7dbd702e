import type { Candidate } from '../policy/candidate.ts'
import { decide, type Decision } from '../policy/decide.ts'
import { plan, promised } from '../policy/plan.ts'
import { createAsking } from '../run/asking.ts'
import { paceOf, reachable, survey } from '../run/survey.ts'
import type { FailureKind } from '../words/failure.ts'
import type { Move } from '../words/policy.ts'
import { breakOf } from './failures.ts'
import { briefOf, candidatesOf, freshPage, type Scene } from './scene.ts'

/** What is done about one failure. */
export interface Reaction<Name extends string> {
  readonly move: Move<Name>['to']
  /** Where it goes to, or what is asked about. */
  readonly route: Name | null
  readonly because: string
  /** It ends without an answer, now or where nobody is there to be asked, and nobody has meant it to. */
  readonly isGap: boolean
}

/** The move after the route at `place` of the chain has failed by `kind`, when those above it have failed too. */
export function react<Name extends string>(
  scene: Scene<Name>,
  place: number,
  kind: FailureKind,
): Reaction<Name> {
  const first = decided(scene, place, kind, true, 1)
  const { move, because } = first
  const { safe } = scene.terms
  // Nobody is there to say yes, and no second try helps.
  let worst = move.to === 'ask' ? decided(scene, place, kind, false, 1) : first
  for (let tries = 2; worst.move.to === 'retry'; tries += 1) {
    worst = decided(scene, place, kind, false, tries)
  }
  const told = {
    ask: `; where nobody can answer: ${tell(worst, kind)}`,
    retry: `; should that fail too: ${tell(worst, kind)}`,
    pause: safe === null ? ', however long that takes' : `, and after a while ${safe}`,
  }
  return {
    move: move.to,
    route: 'route' in move ? move.route : null,
    because: because + (Object.entries(told).find(([to]) => to === move.to)?.[1] ?? ''),
    isGap: isEnd(worst, scene, kind),
  }
}

/** Where a decision leads and why; the kind has been said. */
function tell<Name extends string>({ move, because }: Decision<Name>, kind: FailureKind): string {
  const why = because.replace(`${kind}: `, '')
  return 'route' in move ? `${move.route} (${why})` : why
}

/** Whether nothing comes after a decision that should. */
function isEnd<Name extends string>(
  { move }: Decision<Name>,
  { terms: { on, safe } }: Scene<Name>,
  kind: FailureKind,
): boolean {
  if (move.to === 'pause') return safe === null
  if (move.to !== 'stop') return false
  // A request that is refused has to change, whoever is asked; and a rule may want the end.
  return on[kind] === undefined ? kind !== 'invalid-request' : on[kind] !== 'stop'
}

/** As a run decides, with the page's memory and the run's position as they are by then. */
function decided<Name extends string>(
  scene: Scene<Name>,
  place: number,
  kind: FailureKind,
  canConfirm: boolean,
  tries: number,
): Decision<Name> {
  const { terms, chain, routes, request } = scene
  const { limits } = terms
  const on = chain[place]
  if (!on) throw new RangeError(`there is no place ${place}`)
  const isOffline = kind === 'offline'
  const shared = freshPage(routes, !isOffline)
  const { book } = shared
  const { failure, hasText, isBilled } = breakOf(on, kind)
  // Of what was tried before nobody knows if it is charged for, so it is reckoned with.
  const bills = [
    ...chain.slice(0, place),
    ...Array.from({ length: isBilled ? tries : 0 }, () => on),
  ]
  const brief = briefOf(scene, request, canConfirm, {
    usd: sumUsd(bills),
    ownUsd: sumUsd(bills.filter(({ payer }) => payer === 'product')),
  })
  if (hasText) book.answered(on, paceOf(brief, on), on.expected.waitMs[0])
  for (let once = 1; once <= tries; once += 1) {
    if (once > 1) book.spendRetry(on)
    book.failed(on, failure, false)
  }
  // Being offline is no try.
  const tried = new Set(chain.slice(0, isOffline ? place : place + 1).map(({ name }) => name))
  const input = survey(shared, brief, {
    isTried: (name) => tried.has(name),
    isKeyless: () => false,
    spentUsd: sumUsd(bills),
    leftMs: limits.totalMs ?? Infinity,
  })
  const failed = input.candidates.get(on.name) ?? on
  const candidates = new Map([[on.name, { ...failed, isTried: false }]])
  const again = plan({ ...input, candidates }, [on.name])
  // Whoever names the routes that may see what was blocked has named all of them.
  const list = kind === 'blocked-content' ? terms.on[kind] : undefined
  const open = candidatesOf(plan(input, reachable(terms)), input).filter(
    ({ name }) => typeof list !== 'object' || list.includes(name),
  )
  const hasDraft = failure.phase === 'after-answer'
  const asking = createAsking(shared, brief)
  const decision = asking.gate({
    about: 'tradeoff',
    open,
    promised: promised(input),
    hasText,
    choose: (among) =>
      decide({
        failure,
        failed,
        open: among,
        terms,
        visibleChars: hasText ? 1 : 0,
        hasText,
        hasDraft,
        isStructured: false,
        canAsk: canConfirm,
        leftMs: input.leftMs,
        attemptsLeft: (limits.maxAttempts ?? Infinity) - place - (isOffline ? 0 : tries),
        isRepeat: tries > 1,
        retry: {
          isAcceptable: again.routes.length > 0,
          isAffordable: book.canRetry(on),
          hasChangedCredential: false,
          lastedMs: 0,
          tries,
        },
        jitter: shared.world.random(),
      }),
  })
  const { move, because } = decision
  if (move.to !== 'ask' || canConfirm) return decision
  const confirmation = { ...move, cause: kind, tradeoff: move.tradeoff ?? {}, expiresAt: 0 }
  const instead = asking.answered({ answer: 'nobody', scope: 'once' }, confirmation)
  if (instead !== null && instead !== 'give-up') return instead
  const { safe } = terms
  if (hasDraft) return { move: { to: 'keep' }, because }
  return { move: safe === null ? { to: 'stop' } : { to: 'safe', route: safe }, because }
}

function sumUsd(bills: readonly Candidate[]): number {
  return bills.reduce((sum, { expected }) => sum + (expected.costUsd ?? 0), 0)
}
