import { createFolded, reduceRun } from '../run/state.ts'
import type { Outcome, Run, RunState } from '../words/event.ts'
import type { Part, ToolCall } from '../words/message.ts'

type Reasoning = Extract<Part, { type: 'reasoning' }>

/** What a run tells, in pieces that another protocol can carry. */
export type Told<Name extends string = string> =
  /** Told with each event, before what it brings. */
  | { readonly type: 'state'; readonly state: RunState<Name> }
  /** All that was told of the answer so far is void. */
  | { readonly type: 'retracted' }
  | { readonly type: 'text'; readonly text: string }
  /** `attempt` tells the thoughts of one from those of the next. */
  | { readonly type: 'reasoning'; readonly attempt: number; readonly part: Reasoning }
  /** Calls come with the end: one of an answer that did not come whole is not to be acted on. */
  | { readonly type: 'end'; readonly outcome: Outcome<Name>; readonly calls: readonly ToolCall[] }

/**
 * A run from its start, as pieces. Each answer begins with `retracted` where another attempt's pieces went
 * before; a protocol that cannot retract runs append-only, and then only thoughts can have gone before.
 */
export async function* tell<Name extends string>(run: Run<Name>): AsyncGenerator<Told<Name>> {
  let folded = createFolded<Name>()
  /** The attempt whose pieces were told last. */
  let told = 0
  let hasText = false
  /** The attempt that came whole. */
  let whole = 0
  /** Thoughts of an attempt that may yet replace the text that stands. */
  let held: Extract<Told<Name>, { type: 'reasoning' }>[] = []
  function* turnTo(attempt: number): Generator<Told<Name>> {
    if (told !== 0 && told !== attempt) yield { type: 'retracted' }
    told = attempt
  }
  for await (const event of run) {
    folded = reduceRun(folded, event, 0, 0)
    yield { type: 'state', state: folded.view }
    switch (event.type) {
      case 'attempt-started':
        held = []
        break
      case 'reasoning': {
        const { attempt, text, opaque, madeBy } = event
        const marks = opaque === undefined ? {} : { opaque, ...(madeBy && { madeBy }) }
        const piece = {
          type: 'reasoning',
          attempt,
          part: { type: 'reasoning', text, ...marks },
        } as const
        if (hasText && attempt !== told) held.push(piece)
        else yield* [...turnTo(attempt), piece]
        break
      }
      case 'content':
        yield* [...turnTo(event.attempt), ...held, { type: 'text', text: event.text } as const]
        hasText = true
        held = []
        break
      case 'attempt-finished':
        whole = event.attempt
        break
      case 'settled': {
        const { outcome } = event
        if (whole !== 0) yield* [...turnTo(whole), ...held]
        const calls = outcome.message.content.filter((part) => part.type === 'tool-call')
        yield { type: 'end', outcome, calls }
        break
      }
      default:
    }
  }
}

/** As a stream. Whoever leaves it stops nothing, unless `onLeft` does. */
export function streamOf<Piece>(
  source: AsyncGenerator<Piece>,
  onLeft?: () => void,
): ReadableStream<Piece> {
  return new ReadableStream<Piece>({
    async pull(controller) {
      const { done, value } = await source.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel() {
      onLeft?.()
      // It ends once what it waits for has come; nobody has to wait for that.
      void source.return(undefined)
    },
  })
}
