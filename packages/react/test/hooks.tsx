// The three hooks behind one face, so that what every hook for answers is expected to do is asked of each.
import type { Run, RunState, StandardSchema } from '@rungs/core'
import type { Script } from '@rungs/core/testing'
import { textOf, useLLM, useLLMChat, useLLMObject } from '@rungs/react'
import { renderHook, type RenderHookResult } from '@testing-library/react'
import { useEffect } from 'react'
import { doing, type Options, type Stage, type TestLLM } from './kit.tsx'

export interface Face extends Pick<RunState, 'status' | 'phase' | 'failure' | 'outcome'> {
  /** The words of the answer on the screen. */
  readonly words: string
  readonly send: (input: string) => Run
  /** The last answer once more. */
  readonly again: () => Run | null
  readonly stop: () => Promise<void>
  readonly reset: () => void
}

export interface Kind {
  readonly use: (options: Partial<Options>) => Face
  /** An answer that comes whole, `gapMs` before each piece. */
  readonly whole: (pieces: readonly string[], gapMs?: number) => Script
  /** As much of one as `pieces`. */
  readonly half: (...pieces: readonly string[]) => Script
}

const spaced = (pieces: readonly string[], gapMs: number): Script =>
  pieces.flatMap((piece): Script => (gapMs > 0 ? [gapMs, piece] : [piece]))

const asText: Pick<Kind, 'whole' | 'half'> = {
  whole: (pieces, gapMs = 0) => spaced(pieces, gapMs),
  half: (...pieces) => pieces,
}
const asObject: typeof asText = {
  whole: ([first = '', ...rest], gapMs = 0) => [
    ...spaced([`{"words":"${first}`, ...rest], gapMs),
    '"}',
  ],
  half: (first = '', ...rest) => [`{"words":"${first}`, ...rest],
}

interface Answer {
  readonly words: string
}
const output: StandardSchema<Answer> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      isAnswer(value) ? { value } : { issues: [{ message: 'there are no words' }] },
  },
}
function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'words' in value
}

export const kinds: Readonly<Record<'useLLM' | 'useLLMChat' | 'useLLMObject', Kind>> = {
  useLLM: {
    ...asText,
    use(options) {
      const { text, retry, ...hook } = useLLM<TestLLM>({ workload: 'chat', ...options })
      return { ...hook, words: text, again: () => retry() }
    },
  },
  useLLMChat: {
    ...asText,
    use(options) {
      const { messages, regenerate, ...hook } = useLLMChat<TestLLM>({
        workload: 'chat',
        ...options,
      })
      const last = messages.at(-1)
      return { ...hook, words: last ? textOf(last) : '', again: () => regenerate() }
    },
  },
  useLLMObject: {
    ...asObject,
    use(options) {
      const { object, retry, ...hook } = useLLMObject<Answer, TestLLM>({
        workload: 'chat',
        output,
        ...options,
      })
      return { ...hook, words: object?.words ?? '', again: () => retry() }
    },
  },
}

export interface Opened extends RenderHookResult<Face, Partial<Options>> {
  readonly send: (input: string) => Run
  /** Every text that was on the screen, each once, and how many commits there were. */
  readonly seen: { readonly words: Set<string>; commits: number }
}

export function open({ within }: Stage, { use }: Kind, options: Partial<Options> = {}): Opened {
  const seen = { words: new Set<string>(), commits: 0 }
  const result = renderHook(
    (given: Partial<Options>) => {
      const face = use(given)
      useEffect(() => {
        seen.commits += 1
        seen.words.add(face.words)
      })
      return face
    },
    { wrapper: ({ children }) => within(children), initialProps: options },
  )
  return { ...result, seen, send: (input) => doing(() => result.result.current.send(input)) }
}
