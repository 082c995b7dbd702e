import { describeThrown, isolated } from '../policy/thrown.ts'
import { createStore } from 'zustand/vanilla'
import type { Folded } from './state.ts'
import { createFolded, reduceRun } from './state.ts'
import type { Ending } from './ascent.ts'
import { Ended } from './attempt.ts'
import { readPartial } from './partial.ts'
import { outcomeOf } from './outcome.ts'
import { createTools, type RunTools } from './tools.ts'
import { failureOf } from '../policy/failure.ts'
import type { Outcome, Run, RunEvent, RunState, RunStep } from '../words/event.ts'
import type { Cancel, World } from '../words/world.ts'

/** At most one snapshot in this time while text streams, ms: about one a frame. */
const PUBLISH_MS = 16

/** What a run is given by its LLM. */
export interface RunInput<Name extends string> {
  readonly id: string
  readonly world: World
  readonly started: Omit<Extract<RunStep<Name>, { type: 'started' }>, 'type'>
  /** How long before now the user asked, ms. */
  readonly gestureMs: number
  readonly signal: AbortSignal | undefined
  /** Tells the run; what it asks of the run comes by `tools`. */
  readonly tell: (tools: RunTools<Name>) => AsyncGenerator<RunStep<Name>, Ending<Name>, void>
  /** The answer is to be JSON, shown as far as it has come. */
  readonly isStructured: boolean
  /** What the whole answer parses to, checked; null without a schema. */
  readonly object: (text: string) => unknown
  /** Facts of the answering route that the outcome needs. */
  readonly judge: (route: Name) => { readonly isSafe: boolean; readonly review: boolean }
  readonly listen: (event: RunEvent<Name>) => void
  readonly onSettled: (outcome: Outcome<Name>) => void
}

/** A run, and the way for its LLM to end it. */
export interface StartedRun<Name extends string> {
  readonly run: Run<Name>
  readonly end: (how: Ended['how']) => void
}

/** What only a view can see; any other step would be the run's own to tell. */
const NOTES = new Set<RunStep['type']>(['painted', 'left', 'hidden', 'shown'])

/** Ends that keep what had come. */
const CUT = new Set<Outcome['status']>(['partial', 'stopped', 'superseded', 'abandoned'])

/** Drives a run: stamps its steps, folds them, publishes and tells. The only `append` there is. */
export function startRun<Name extends string>(input: RunInput<Name>): StartedRun<Name> {
  const { id, world } = input
  const epoch = world.now()
  const aborter = new AbortController()
  const log: RunEvent<Name>[] = []
  const readers = new Set<() => void>()
  let folded: Folded<Name> = createFolded()
  let isSettled = false
  const { tools, reply } = createTools<Name>(world, aborter.signal)

  const store = createStore<RunState<Name>>(() => folded.view)
  let publishing: Cancel | null = null
  let published = folded.view
  /** What has come of a structured answer, and of which attempt's. */
  let object: unknown = null
  let objectOf = 0
  function publish(): void {
    publishing?.()
    publishing = null
    const { view } = folded
    if (view === published) return
    published = view
    // What a stop or a failure left is shown as it came; nothing else that has ended is in part.
    const ended = view.outcome?.status
    const isOpen = input.isStructured && (ended === undefined || CUT.has(ended))
    if (isOpen) {
      if (objectOf !== folded.shown) object = null
      objectOf = folded.shown
      object = readPartial(view.text) ?? object
    }
    store.setState(isOpen ? { ...view, object } : view, true)
  }

  function append(step: RunStep<Name>): void {
    const event: RunEvent<Name> = { ...step, runId: id, at: world.now() - epoch }
    const { phase, text } = folded.view
    folded = reduceRun(folded, event, input.gestureMs, epoch)
    log.push(event)
    // A change of phase is seen at once, and so is the first text; the rest is paced by a timer, for a
    // hidden page has no animation frames.
    const isFirstText = text === '' && folded.view.text !== ''
    if (folded.view.phase !== phase || isFirstText || step.type === 'settled') publish()
    else if (folded.view !== published) publishing ??= world.after(PUBLISH_MS, publish)
    input.listen(event)
    if (readers.size > 0) {
      const waiting = [...readers]
      readers.clear()
      for (const wake of waiting) wake()
    }
  }

  function end(how: Ended['how']): void {
    if (!aborter.signal.aborted) aborter.abort(new Ended(how))
    reply({ answer: 'no', scope: 'once' })
  }

  function note(step: Parameters<Run<Name>['note']>[0]): void {
    if (!NOTES.has(step.type)) throw new TypeError(`note takes ${[...NOTES].join(', ')}`)
    if (!isSettled || step.type === 'painted') append(step)
    if (step.type === 'left' && step.isFinal) end('abandoned')
  }

  const onSignal = (): void => {
    end('stopped')
  }

  /** Tell the run to its end. What a function of the product's throws into it ends it as failed, never the page. */
  async function drive(): Promise<Ending<Name>> {
    const told = input.tell(tools)
    try {
      let step = await told.next()
      for (; !step.done; step = await told.next()) append(step.value)
      return step.value
    } catch (error) {
      console.error('[rungs] a run broke', describeThrown(error))
      const failure = failureOf<Name>('invalid-response', {
        phase: 'after-answer',
        route: folded.view.route,
        provider: null,
      })
      return { status: 'failed', finish: null, failure, bills: new Map() }
    }
  }

  append({ type: 'started', ...input.started })
  if (input.signal?.aborted) onSignal()
  else input.signal?.addEventListener('abort', onSignal)

  const outcome = (async (): Promise<Outcome<Name>> => {
    const unwatch = watchPage<Name>(world, note)
    // A run is told from its second tick on, so that whoever started it can subscribe first.
    await Promise.resolve()
    const ending = await drive()
    unwatch()
    const result = outcomeOf<Name>({
      ending,
      folded,
      epoch,
      at: world.now() - epoch,
      gestureMs: input.gestureMs,
      left: aborter.signal.reason,
      judge: input.judge,
      object: input.object,
    })
    append({ type: 'settled', outcome: result })
    isSettled = true
    input.signal?.removeEventListener('abort', onSignal)
    input.onSettled(result)
    return result
  })()
  const { getState, getInitialState } = store
  const run: Run<Name> = {
    id,
    store: {
      getState,
      getInitialState,
      subscribe: (listener) =>
        store.subscribe((state, previous) => {
          isolated(() => {
            listener(state, previous)
          })
        }),
    },
    outcome,
    async stop() {
      end('stopped')
      await outcome
    },
    confirm: (scope = 'once') => reply({ answer: 'yes', scope }),
    decline: () => reply({ answer: 'no', scope: 'once' }),
    feedback: (value) => {
      append({ type: 'feedback', value })
    },
    note,
    async *[Symbol.asyncIterator]() {
      for (let index = 0; ; index += 1) {
        while (index >= log.length) {
          if (isSettled) return
          await new Promise<void>((wake) => readers.add(wake))
        }
        const event = log[index]
        if (event === undefined) return
        yield event
        if (event.type === 'settled') return
      }
    },
  }
  return { run, end }
}

/** Whoever has not come back to a hidden page in this time has left, ms. */
const PATIENCE_MS = 30 * 60_000

/** Tell of the page being hidden, shown and left while a run lives. */
function watchPage<Name extends string>(
  { page, after }: World,
  note: (step: Extract<RunStep<Name>, { type: 'hidden' | 'shown' | 'left' }>) => void,
): Cancel {
  let isHidden = false
  let cancelPatience: Cancel | undefined
  const look = (): void => {
    if (page.isHidden() === isHidden) return
    isHidden = !isHidden
    note({ type: isHidden ? 'hidden' : 'shown' })
    cancelPatience?.()
    cancelPatience = isHidden
      ? after(PATIENCE_MS, () => {
          note({ type: 'left', how: 'hidden', isFinal: true })
        })
      : undefined
  }
  const cancels = [
    page.watch(look),
    page.watchLeaving((mayReturn) => {
      note({ type: 'left', how: mayReturn ? 'navigated' : 'closed', isFinal: !mayReturn })
    }),
  ]
  queueMicrotask(look)
  return () => {
    for (const cancel of cancels) cancel()
    cancelPatience?.()
  }
}
