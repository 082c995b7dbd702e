import { covers, firstQuestions, questions, type Consent } from '../policy/consent.ts'
import type { Decision } from '../policy/situation.ts'
import type { Candidate } from '../policy/candidate.ts'
import { describeThrown } from '../policy/thrown.ts'
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
  /** What a no leads to; null for a yes. */
  answered(reply: Reply, confirmation: Confirmation<Name>): Decision<Name> | 'give-up' | null
}

export function createAsking<Name extends string>(
  { consents }: Shared<Name>,
  { workload, terms, canConfirm }: Brief<Name>,
): Asking<Name> {
  const declined = new Set<Name>()
  /** What the open question is about, and what a no to it leads to; null for a question of the policy's. */
  let question: { readonly asked: Consent; readonly instead: Decision<Name> } | null = null

  /** What a question of the policy's asks consent to. */
  const consentTo = ({ about, route, tradeoff: change }: Confirmation<Name>): Consent => ({
    workload,
    route,
    about,
    tradeoff: questions(change, terms.ask),
  })
  const isAgreed = (asked: Consent): boolean => consents.some((given) => covers(given, asked))
  function canAsk(): boolean {
    if (typeof canConfirm !== 'function') return canConfirm === true
    try {
      return canConfirm()
    } catch (error) {
      // Whoever cannot say that somebody is there has nobody.
      console.error('[rungs] canConfirm threw', describeThrown(error))
      return false
    }
  }

  return {
    canAsk,
    hasDeclined: (route) => declined.has(route),
    gate({ choose, open, promised, about, hasText }) {
      // What was foreseen is not what is asked.
      question = null
      /** What a route changes, and what of it has to be agreed to. */
      const weigh = (
        candidate: Candidate<Name>,
      ): { readonly all: Tradeoff; readonly asked: Consent } => {
        const change = promised ? tradeoff(promised, candidate) : {}
        const first = about === 'first' ? firstQuestions(candidate.expected, terms.ask) : {}
        return {
          all: { ...change, ...first },
          asked: {
            workload,
            route: candidate.name,
            about,
            tradeoff: { ...questions(change, terms.ask), ...first },
          },
        }
      }
      const mustAsk = (candidate: Candidate<Name>): boolean => {
        const { asked } = weigh(candidate)
        return Object.keys(asked.tradeoff).length > 0 && !isAgreed(asked)
      }
      const decision = choose(open)
      const { move } = decision
      if (move.to !== 'route') return decision
      const choice = open.find(({ name }) => name === move.route)
      if (!choice || !mustAsk(choice)) return decision
      const rest = choose(open.filter((one) => !mustAsk(one)))
      const isOver = rest.move.to === 'safe' || rest.move.to === 'stop'
      const instead: Decision<Name> = hasText && isOver ? { ...rest, move: { to: 'keep' } } : rest
      if (!canAsk()) return instead
      const { move: second } = instead
      const { all, asked } = weigh(choice)
      question = { asked, instead }
      return {
        move: {
          to: 'ask',
          about,
          route: choice.name,
          declineTo: second.to === 'route' ? second.route : second.to === 'keep' ? 'keep' : 'safe',
          agreed: move,
          tradeoff: all,
        },
        because: `${choice.name} changes what was promised: the user decides`,
      }
    },
    foregone(confirmation) {
      if (isAgreed(question?.asked ?? consentTo(confirmation))) {
        return { answer: 'yes', scope: 'session' }
      }
      return canAsk() ? null : { answer: 'nobody', scope: 'once' }
    },
    answered({ answer, scope }, confirmation) {
      const { asked, instead } = question ?? { asked: null, instead: null }
      question = null
      if (answer === 'yes') {
        if (scope === 'session') consents.push(asked ?? consentTo(confirmation))
        return null
      }
      declined.add(confirmation.route)
      if (instead) return instead
      return confirmation.declineTo === 'keep'
        ? { move: { to: 'keep' }, because: 'what there is was kept' }
        : 'give-up'
    },
  }
}
