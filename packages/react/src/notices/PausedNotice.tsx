import type { ReactElement } from 'react'
import { Notice, type NoticeProps } from './Notice.tsx'
import { pausedWords, type PausedWords, type Phase, type Stoppable } from './words.ts'

export interface PausedNoticeProps extends NoticeProps {
  /** What `useLLM` or `useLLMChat` gave. */
  readonly of: Stoppable & { readonly phase: Phase }
  readonly words?: Partial<PausedWords> | undefined
}

/**
 * Says that the run waits for the connection and goes on by itself, and offers to stop it.
 *
 * @example
 * <PausedNotice of={chat} />
 */
export function PausedNotice({
  of: { phase, stop },
  words,
  ...rest
}: PausedNoticeProps): ReactElement {
  const say = { ...pausedWords, ...words }
  return (
    <Notice {...rest} kind="paused" says={phase === 'paused' ? say.paused : null}>
      <button type="button" data-rungs-action="stop" onClick={() => void stop()}>
        {say.stop}
      </button>
    </Notice>
  )
}
