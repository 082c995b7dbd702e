import type { ComponentPropsWithoutRef, ReactElement, ReactNode } from 'react'

/** What every notice passes on to its element. */
export type NoticeProps = Omit<ComponentPropsWithoutRef<'div'>, 'children' | 'role'>

/**
 * A place that is there, empty, before there is anything to say: only what comes into an existing region is
 * read out. What can be done stands beside the region, so that its buttons are not read out as news.
 */
export function Notice({
  kind,
  says,
  children,
  ...rest
}: NoticeProps & {
  readonly kind: string
  /** Null while there is nothing to say. */
  readonly says: ReactNode
  readonly children?: ReactNode
}): ReactElement {
  const isOpen = says !== null
  return (
    <div {...rest} data-rungs-notice={kind} data-open={isOpen ? '' : undefined}>
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an output may not hold blocks, and words may be some */}
      <div role="status" dir="auto" data-rungs-says="">
        {says}
      </div>
      {isOpen && children}
    </div>
  )
}
