import { covers, isFirstQuestion, questions, type Consent } from '../policy/consent.ts'
import type { Decision } from '../policy/decide.ts'
import type { Candidate } from '../policy/plan.ts'
import { tradeoff } from '../policy/tradeoff.ts'
import type { Confirmation, Tradeoff } from '../words/policy.ts'
import type { Brief, Shared } from './survey.ts'
import type { Reply } from './tools.ts'

/** What is put to the user before it is done, for one run. */
export interface Asking<Name extends string> {
  canAsk(): boolean
  hasDeclined(route: Name): boolean
  /**
   * The choice among `open`, or the question that it takes. Where nobody can say yes, the choice among the
   * routes that need no question.
   */
  gate(choice: {
    readonly choose: (open: readonly Candidate<Name>[]) => Decision<Name>
    readonly open: readonly Candidate<Name>[]
    readonly promised: Candidate<Name> | null
    readonly about: 'first' | 'tradeoff'
    /** There is text on the screen, which is better than a canned answer. */
    readonly hasText: boolean
  }): Decision<Name>
  /** The reply to a question that need not be put: it was agreed to before, or nobody is there. */
  foregone(confirmation: Confirmation<Name>): Reply | null
  /** What a reply leads to; null when nothing is left but to give up. */
  answered(reply: Reply, confirmation: Confirmation<Name>): Decision<Name> | null
}

export function createAsking<Name extends string>(
  { consents }: Shared<Name>,
  { workload, terms, canConfirm }: Brief<Name>,
): Asking<Name> {
  const declined = new Set<Name>()
  /** What a no to the open question leads to. */
  let otherwise: Decision<Name> | null = null

  /** What a yes to a question about a route would be a yes to. */
  function consentTo(about: Confirmation['about'], route: Name, change: Tradeoff): Consent {
    return { workload, route, about, tradeoff: questions(change, terms.ask) }
  }
  const isAgreed = (asked: Consent): boolean => consents.some((given) => covers(given, asked))
  function canAsk(): boolean {
    if (typeof canConfirm !== 'function') return canConfirm === true
    try {
      return canConfirm()
    } catch (error) {
      // Whoever cannot say that somebody is there has nobody.
      console.error('[rungs] canConfirm threw', error)
      return false
    }
  }

  return {
    canAsk,
    hasDeclined: (route) => declined.has(route),
    gate({ choose, open, promised, about, hasText }) {
      const mustAsk = (candidate: Candidate<Name>): boolean => {
        const change = promised ? tradeoff(promised, candidate) : {}
        const asked = consentTo(about, candidate.name, change)
        const isDear = about === 'first' && isFirstQuestion(candidate.expected, terms.ask)
        return (isDear || Object.keys(asked.tradeoff).length > 0) && !isAgreed(asked)
      }
      const decision = choose(open)
      const { move } = decision
      const choice = move.to === 'route' ? open.find(({ name }) => name === move.route) : undefined
      if (!choice || !mustAsk(choice)) return decision
      const rest = choose(open.filter((one) => !mustAsk(one)))
      const isOver = rest.move.to === 'safe' || rest.move.to === 'stop'
      const instead: Decision<Name> = hasText && isOver ? { ...rest, move: { to: 'keep' } } : rest
      if (!canAsk()) return instead
      otherwise = instead
      const { to } = instead.move
      return {
        move: {
          to: 'ask',
          about,
          route: choice.name,
          declineTo: to === 'route' ? instead.move.route : to === 'keep' ? 'keep' : 'safe',
        },
        because: `${choice.name} changes what was promised: the user decides`,
      }
    },
    foregone({ about, route, tradeoff: change }) {
      if (isAgreed(consentTo(about, route, change))) return { answer: 'yes', scope: 'session' }
      return canAsk() ? null : { answer: 'nobody', scope: 'once' }
    },
    answered({ answer, scope }, { about, route, tradeoff: change, declineTo }) {
      const instead = otherwise
      otherwise = null
      if (answer === 'yes') {
        if (scope === 'session') consents.push(consentTo(about, route, change))
        return { move: { to: 'route', route, direction: 'next' }, because: 'the user agreed' }
      }
      declined.add(route)
      if (instead) return instead
      return declineTo === 'keep'
        ? { move: { to: 'keep' }, because: 'what there is was kept' }
        : null
    },
  }
}
