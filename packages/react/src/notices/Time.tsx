import type { ReactElement } from 'react'

/** A time of day as the user writes it, which the server cannot know. */
export function Time({
  at,
  isExact = false,
}: {
  readonly at: number
  /** To the second. */
  readonly isExact?: boolean
}): ReactElement {
  return (
    <time dateTime={new Date(at).toISOString()} suppressHydrationWarning>
      {new Date(at).toLocaleTimeString(undefined, { timeStyle: isExact ? 'medium' : 'short' })}
    </time>
  )
}
