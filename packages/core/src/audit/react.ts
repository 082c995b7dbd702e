import { decide } from '../policy/decide.ts'
import type { Decision } from '../policy/situation.ts'
import { createAsking } from '../run/asking.ts'
import { hasDraft, hasText, mayBeAsked } from '../run/course.ts'
import type { FailureKind } from '../words/failure.ts'
import type { Move } from '../words/policy.ts'
import type { Scene } from './scene.ts'
import { standing } from './standing.ts'

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

/** As a run decides. */
function decided<Name extends string>(
  scene: Scene<Name>,
  place: number,
  kind: FailureKind,
  canConfirm: boolean,
  tries: number,
): Decision<Name> {
  const at = standing(scene, place, kind, canConfirm, tries)
  const { on, failure, shared, brief, course, outlook } = at
  const { terms } = scene
  const input = outlook.look()
  const asking = createAsking(shared, brief)
  const decision = asking.gate({
    about: 'tradeoff',
    open: outlook.openRoutes(input).filter(({ name }) => mayBeAsked(course, terms, name)),
    promised: outlook.promise(input),
    hasText: hasText(course),
    choose: (open) =>
      decide({
        failure,
        failed: input.candidates.get(on.name) ?? null,
        open,
        terms,
        visibleChars: hasText(course) ? 1 : 0,
        hasText: hasText(course),
        hasDraft: hasDraft(course),
        isStructured: false,
        canAsk: canConfirm,
        leftMs: outlook.leftMs(),
        attemptsLeft: (terms.limits.maxAttempts ?? Infinity) - course.requests,
        isRepeat: tries > 1,
        retry: {
          isAcceptable: outlook.isAcceptableAgain(on.name, input),
          isAffordable: shared.book.canRetry(on),
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
  if (hasDraft(course)) return { move: { to: 'keep' }, because }
  const { safe } = terms
  return { move: safe === null ? { to: 'stop' } : { to: 'safe', route: safe }, because }
}
