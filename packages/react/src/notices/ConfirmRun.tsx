import type { Confirmation } from '@rungs/core'
import { useEffect, useId, useRef, type FocusEvent, type ReactElement, type ReactNode } from 'react'
import type { RegisteredLLM, RouteOf } from '../register.ts'
import { useCommitEffect } from '../useCommitEffect.ts'
import type { LLMVerbs } from '../verbs.ts'
import { Notice, type NoticeProps } from './Notice.tsx'
import { Time } from './Time.tsx'
import { confirmWords, nameOf, type ConfirmWords, type RouteNames } from './words.ts'

export interface ConfirmRunProps<Name extends string = RouteOf<RegisteredLLM>> extends NoticeProps {
  /** What `useLLM` or `useLLMChat` gave. */
  readonly of: Pick<LLMVerbs, 'confirm' | 'decline' | 'attend'> & {
    readonly confirmation: Confirmation<Name> | null
  }
  /** What routes are called in front of people; a route that is not named here goes by its own name. */
  readonly names?: RouteNames<Name> | undefined
  readonly words?: Partial<ConfirmWords> | undefined
}

/**
 * Asks before a route changes what was promised: what it takes in wait and money, and what else it changes.
 * Yes, yes for as long as the page is there, or no; no answer in time is a no. While it is mounted, the runs of
 * its hook may ask: `canConfirm` need not be set. It is no dialog: the focus stays where it is, and comes back
 * to where it was when the question that has it goes.
 *
 * @example
 * <ConfirmRun of={chat} names={{ mini: 'The quick model' }} />
 */
export function ConfirmRun<Name extends string = RouteOf<RegisteredLLM>>({
  of: { confirmation, confirm, decline, attend },
  names,
  words,
  ...rest
}: ConfirmRunProps<Name>): ReactElement {
  useEffect(attend, [attend])
  const questionId = useId()
  const say: ConfirmWords = { ...confirmWords, ...words }
  if (confirmation === null) return <Notice {...rest} kind="confirm" says={null} />
  const { about, route, declineTo, expiresAt } = confirmation
  const no =
    declineTo === 'keep'
      ? 'keep'
      : declineTo === 'safe'
        ? 'safe'
        : { route: nameOf(names, declineTo) }
  const question = (
    <>
      <p id={questionId}>{say.question(about, nameOf(names, route))}</p>
      <Changes confirmation={confirmation} say={say} />
      <p>
        {say.expiry} <Time at={expiresAt} isExact />.
      </p>
    </>
  )
  return (
    <Notice {...rest} kind="confirm" says={question} data-about={about} data-route={route}>
      <Buttons key={expiresAt} labelledBy={questionId}>
        <button
          type="button"
          data-rungs-action="once"
          onClick={() => {
            confirm('once')
          }}
        >
          {say.once}
        </button>
        <button
          type="button"
          data-rungs-action="session"
          onClick={() => {
            confirm('session')
          }}
        >
          {say.session}
        </button>
        <button type="button" data-rungs-action="decline" onClick={decline}>
          {say.decline(no)}
        </button>
      </Buttons>
    </Notice>
  )
}

function Changes({
  confirmation: { tradeoff },
  say,
}: {
  readonly confirmation: Confirmation
  readonly say: ConfirmWords
}): ReactElement | null {
  const { waitMs, costUsd, quality, payer, privacy, downloadBytes } = tradeoff
  const changes: readonly (readonly [key: string, words: ReactNode])[] = [
    ...(waitMs ? [['wait', say.wait(waitMs.delivered, waitMs.promised)] as const] : []),
    ...(costUsd ? [['cost', say.cost(costUsd.delivered, costUsd.promised)] as const] : []),
    ...(quality && quality.delivered < quality.promised ? [['quality', say.weaker] as const] : []),
    ...(payer ? [['payer', say.payer(payer.delivered)] as const] : []),
    ...(privacy ? [['privacy', say.privacy(privacy.delivered)] as const] : []),
    ...(downloadBytes ? [['download', say.download(downloadBytes.delivered)] as const] : []),
  ]
  if (changes.length === 0) return null
  return (
    <ul>
      {changes.map(([key, text]) => (
        <li key={key} data-change={key}>
          {text}
        </li>
      ))}
    </ul>
  )
}

/** Buttons that give the focus back when they go. */
function Buttons({
  labelledBy,
  children,
}: {
  readonly labelledBy: string
  readonly children: ReactNode
}): ReactElement {
  const group = useRef<HTMLDivElement>(null)
  const cameFrom = useRef<Element>(null)
  // A layout effect is undone while its elements are still in the document.
  useCommitEffect(() => {
    const element = group.current
    return () => {
      const { current } = cameFrom
      if (!element?.contains(document.activeElement)) return
      if (current instanceof HTMLElement && current.isConnected) current.focus()
    }
  }, [])
  const onFocus = ({ relatedTarget, currentTarget }: FocusEvent): void => {
    if (relatedTarget && !currentTarget.contains(relatedTarget)) cameFrom.current = relatedTarget
  }
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role, jsx-a11y/no-noninteractive-element-interactions -- a fieldset has looks, and where the focus comes from is noted, not acted on
    <div ref={group} role="group" aria-labelledby={labelledBy} onFocus={onFocus}>
      {children}
    </div>
  )
}
