import { idleState, notePaint, type Run, type RunRequest, type RunState } from '@rungs/core'
import type { ChatMessage } from '../chat/message.ts'

/** What was sent: the words, or a request that the hook completes. */
type Input = string | Partial<RunRequest>

/** What a session shows, and when: of two with the same `of`, the one of higher order is newer. */
export interface Shown {
  readonly of: Session | null
  readonly order: number
  readonly state: RunState
  /** Whose state it is; null before the first run and after a reset. */
  readonly runId: string | null
  /** In a chat, the messages that this run answers. */
  readonly past: readonly ChatMessage[]
}

const noPast: readonly ChatMessage[] = []

/** What every session shows before anything was sent. */
export const nothing: Shown = {
  of: null,
  order: 0,
  state: idleState,
  runId: null,
  past: noPast,
}

/** A component that shows a session. */
export interface Member {
  /** A change that must not wait: a new run, a change of phase (but to `waiting`), the first text, the end. */
  readonly onUrgent: () => void
  /** More of the same. */
  readonly onMore: (shown: Shown) => void
  /** More comes at most once in this time, ms; Infinity for one that others set the pace of. */
  readonly throttleMs: number
  /** What becomes of an active run when the last component has gone; one `keep` is enough. */
  readonly onUnmount: 'stop' | 'keep'
  /** The last component has gone, and nothing is kept. */
  readonly onLeft: () => void
}

/** One run at a time, and what is shown of it: the newest run's, never a mixture. */
export interface Session {
  /** The newest run; null before the first and after a reset. */
  run(): Run | null
  /** What was sent last. */
  input(): Input | null
  /** What was shown when something last happened that must not wait. */
  urgent(): Shown
  /** What the components of this session have on the screen now; without any, the newest. */
  onScreen(): Shown
  /** A component has this on the screen now. */
  seen(shown: Shown): void
  /** A component has put the first text of a run into the document, into `element` where it says which. */
  committed(shown: Shown, element: Element | null): void
  /** The newest, on the screen or not. */
  newest(): Shown
  /** Show `run` in place of the one before, which is stopped if it still runs. */
  show(run: Run, input: Input, past?: readonly ChatMessage[]): void
  reset(past?: readonly ChatMessage[]): void
  /** Say how an answer of before has ended, which it does after the next run has been shown. */
  revise(answer: ChatMessage): void
  /** Whether somebody is there who can answer a question. */
  readonly isAttended: () => boolean
  /** Somebody is there, until the returned function is called. */
  attend(): () => void
  join(member: Member): () => void
}

/**
 * So many changes in a row need not wait their turn. Routes can fail within one tick, and React gives a
 * component up whose updates cause 50 more in one tick ("Maximum update depth exceeded").
 */
const AT_ONCE = 10
/** The pace of more where nobody draws it, for those who look at parts of it, ms. */
const UNDRAWN_MS = 50

export function createSession(): Session {
  let run: Run | null = null
  let input: Input | null = null
  let past = noPast
  let shown = nothing
  let urgent = nothing
  let onScreen = nothing
  let unfollow: (() => void) | undefined
  /** Set while what is new has to wait. */
  let pause: ReturnType<typeof setTimeout> | undefined
  let atOnce = 0
  const members = new Set<Member>()
  const attending = new Set<object>()
  let isKept = false
  let isLeft = false
  /** The run whose first paint is being watched, or has been. */
  let painting: Run | null = null
  /** The order of what was first shown of this run. */
  let beganAt = 0

  function publish(state: RunState, mustNotWait: boolean): void {
    clearTimeout(pause)
    const isLive = run !== null && state.outcome === null
    pause = isLive && members.size > 0 ? setTimeout(resume, pauseMs()) : undefined
    shown = { of: session, order: shown.order + 1, state, runId: run?.id ?? null, past }
    if (mustNotWait || members.size === 0) urgent = shown
    for (const { onUrgent, onMore } of members) {
      if (mustNotWait) onUrgent()
      else onMore(shown)
    }
  }
  function pauseMs(): number {
    const leastMs = Math.min(...[...members].map(({ throttleMs }) => throttleMs))
    return leastMs < Infinity ? leastMs : UNDRAWN_MS
  }
  function resume(): void {
    pause = undefined
    atOnce = 0
    const next = run?.store.getState()
    if (next && next !== shown.state) publish(next, isUrgent(next))
  }
  function isUrgent({ phase, text, outcome }: RunState): boolean {
    const { state } = shown
    // Headers have come: nothing that a person waits for, and the first text may be right behind them.
    const isTurn = phase !== state.phase && phase !== 'waiting'
    return outcome !== null || isTurn || (state.text === '' && text !== '')
  }
  function offer(next: RunState): void {
    const isNow = isUrgent(next)
    if (pause !== undefined && next.outcome === null) {
      if (!isNow || atOnce === AT_ONCE) return
      atOnce += 1
    }
    publish(next, isNow)
  }
  function turnTo(
    next: Run | null,
    given: Input | null,
    told: readonly ChatMessage[] = noPast,
  ): void {
    const before = run
    unfollow?.()
    run = next
    input = given
    past = told
    unfollow = next?.store.subscribe(offer)
    // In one thread the new run has superseded it already, and this comes too late to matter.
    void before?.stop()
    publish(next?.store.getState() ?? idleState, true)
    beganAt = shown.order
    if (isLeft && !isKept) leave()
  }
  function leave(): void {
    run?.note({ type: 'left', how: 'unmounted', isFinal: true })
  }

  const session: Session = {
    run: () => run,
    input: () => input,
    urgent: () => urgent,
    onScreen: () => (members.size > 0 ? onScreen : shown),
    seen: (given) => {
      onScreen = given
    },
    committed(given, element) {
      if (run === null || painting === run || given.state.text === '') return
      if (given.of !== session || given.order < beganAt) return
      painting = run
      notePaint(run, element)
    },
    newest: () => shown,
    show: turnTo,
    reset: (told) => {
      turnTo(null, null, told)
    },
    revise(answer) {
      if (!past.some(({ id, served }) => id === answer.id && !served)) return
      past = past.map((one) => (one.id === answer.id ? answer : one))
      publish(shown.state, true)
    },
    isAttended: () => attending.size > 0,
    attend() {
      const one = {}
      attending.add(one)
      return () => {
        attending.delete(one)
      }
    },
    join(member) {
      isKept = (members.size > 0 && isKept) || member.onUnmount === 'keep'
      isLeft = false
      members.add(member)
      // What came while this component was rendered, it has not been told of.
      member.onMore(shown)
      return () => {
        members.delete(member)
        if (members.size > 0) return
        isLeft = true
        // StrictMode, a hot reload and a hand-over between two components unmount and mount in one tick.
        queueMicrotask(() => {
          if (!isLeft || isKept) return
          leave()
          member.onLeft()
        })
      }
    },
  }
  return session
}
