import type { Degraded } from '@rungs/core'
import type { ComponentPropsWithoutRef, ReactElement, ReactNode } from 'react'
import { causes } from './causes.ts'
import { Time } from './notices/Time.tsx'
import { nameOf, type RouteNames } from './notices/words.ts'
import type { RegisteredLLM, RouteOf } from './register.ts'

export interface FallbackNoticeProps<Name extends string = RouteOf<RegisteredLLM>> extends Omit<
  ComponentPropsWithoutRef<'div'>,
  'children' | 'role'
> {
  /** `degraded` of the run or of its outcome. */
  readonly degraded: Degraded<Name> | null
  /** What routes are called in front of people; a route that is not named here goes by its own name. */
  readonly names?: RouteNames<Name> | undefined
  /** Says it in other words. */
  readonly children?: ((degraded: Degraded<Name>) => ReactNode) | undefined
}

/**
 * Says who answers instead of whom, since when and why, and when the preferred route is tried again. Without looks of its
 * own. The region is there, empty, before there is anything to say: only what comes into an existing
 * region is read out, and nothing moves the focus.
 *
 * @example
 * <FallbackNotice degraded={degraded} names={{ ours: 'Our assistant', mini: 'The small model' }} />
 */
export function FallbackNotice<Name extends string = RouteOf<RegisteredLLM>>({
  degraded,
  names,
  children,
  ...rest
}: FallbackNoticeProps<Name>): ReactElement {
  return (
    <div
      {...rest}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an output may not hold blocks, and children may be some
      role="status"
      data-rungs-notice="fallback"
      data-cause={degraded?.cause}
      data-from={degraded?.from}
      data-to={degraded?.to}
    >
      {degraded && (children ? children(degraded) : <Sentence degraded={degraded} names={names} />)}
    </div>
  )
}

function Sentence<Name extends string>({
  degraded: { from, to, cause, since, backAt },
  names,
}: {
  readonly degraded: Degraded<Name>
  readonly names: RouteNames<Name> | undefined
}): ReactElement {
  const preferred = nameOf(names, from)
  return (
    // The sentence is English, whichever way the page is read.
    <span dir="ltr">
      {nameOf(names, to)} answers instead of {preferred}, which {causes[cause]} (since{' '}
      <Time at={since} />
      ).
      {backAt !== null && (
        <>
          {' '}
          {preferred} is tried again at <Time at={backAt} />.
        </>
      )}
    </span>
  )
}
