import { KeyForm } from '@rungs/react'
import type { ReactNode, RefObject } from 'react'
import { countBroken, useBreakage } from '../breakage.ts'
import { keyring, yours } from '../llm.ts'
import { isRung, ladders, type Job } from '../names.ts'
import { Check } from './Check.tsx'
import { useHasKey } from '../useHasKey.ts'
import { OwnRung, Rung } from './Rung.tsx'

/** The ladder itself, with a fault to choose for each rung, and what else can be turned on and off. */
export function BreakPanel({
  job,
  hasSafe,
  onSafe,
  isPlugged,
  onPlug,
  onRestore,
  isDevOpen,
  devSwitch,
  onDev,
}: {
  /** Whose ladder is shown. */
  job: Job
  hasSafe: boolean
  onSafe: (hasSafe: boolean) => void
  isPlugged: boolean
  onPlug: (isPlugged: boolean) => void
  onRestore: () => void
  isDevOpen: boolean
  devSwitch: RefObject<HTMLInputElement | null>
  onDev: (isOpen: boolean) => void
}): ReactNode {
  const breakage = useBreakage()
  const hasKey = useHasKey()
  return (
    <div className="panel">
      <h2 id="break-title">Break a route</h2>
      <p className="lead">
        {job === 'week' ? 'Plans' : 'Questions'} are tried on these routes from the top. Choose what
        goes wrong, then ask for one.
      </p>
      <ol className="rungs">
        {job === 'chat' && hasKey && <OwnRung />}
        {ladders[job].filter(isRung).map((route) => (
          <Rung key={route} route={route} fault={breakage[route]} />
        ))}
      </ol>
      <Check label="Network" isOn={isPlugged} onChange={onPlug}>
        Without it, the page is offline
      </Check>
      {job === 'chat' && (
        <Check label="Prepared answer" isOn={hasSafe} onChange={onSafe}>
          Stands in when every rung is broken
        </Check>
      )}
      <button
        type="button"
        className="restore"
        disabled={countBroken(breakage) === 0 && isPlugged}
        onClick={onRestore}
      >
        Restore all
      </button>
      <section className="key" aria-labelledby="key-title">
        <h3 id="key-title">Use the real OpenAI</h3>
        <KeyForm
          keyring={keyring}
          provider="openai"
          route={yours}
          words={{ label: () => 'OpenAI API key', save: 'Use key' }}
          aria-describedby="key-notice"
        />
        <p id="key-notice" className="notice">
          Your key goes on top of the chat’s ladder. It stays in this page’s memory until you reload
          or remove it, and goes to api.openai.com and nowhere else. OpenAI bills your account, for
          a short call that tries the key too.
        </p>
      </section>
      <Check ref={devSwitch} label="Developer panel" isOn={isDevOpen} onChange={onDev}>
        Each run as a timeline, and why it moved
      </Check>
    </div>
  )
}
