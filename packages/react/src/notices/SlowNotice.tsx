import type { ReactElement } from 'react'
import { Notice, type NoticeProps } from './Notice.tsx'
import { slowWords, type SlowWords, type Stoppable } from './words.ts'

export interface SlowNoticeProps extends NoticeProps {
  /** What `useLLM` or `useLLMChat` gave. */
  readonly of: Stoppable & { readonly isSlow: boolean }
  readonly words?: Partial<SlowWords> | undefined
}

/**
 * Says that an answer takes longer than nine in ten of its route do, and offers to stop it. What there is of
 * the answer is kept.
 *
 * @example
 * <SlowNotice of={chat} />
 */
export function SlowNotice({
  of: { isSlow, stop },
  words,
  ...rest
}: SlowNoticeProps): ReactElement {
  const say = { ...slowWords, ...words }
  return (
    <Notice {...rest} kind="slow" says={isSlow ? say.slow : null}>
      <button type="button" data-rungs-action="stop" onClick={() => void stop()}>
        {say.stop}
      </button>
    </Notice>
  )
}
