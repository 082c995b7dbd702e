import { LLMProvider } from '@rungs/react'
import { Suspense, useRef, useState, type ReactNode } from 'react'
import { Ask } from './ask/Ask.tsx'
import { restoreAll } from './breakage.ts'
import { DevPanel } from './DevPanel.tsx'
import { Header } from './Header.tsx'
import { later, Unreached } from './later.tsx'
import { createKitchen } from './llm.ts'
import { setPlugged } from './network.ts'
import { BreakPanel } from './panel/BreakPanel.tsx'
import { Side } from './panel/Side.tsx'
import { useMedia } from './useMedia.ts'
import { useView } from './useView.ts'

const Week = later(async () => (await import('./week/Week.tsx')).Week, Unreached)
const Happened = later(async () => (await import('./happened/Happened.tsx')).Happened, Unreached)

/** The product: three views over one LLM, and the panel beside them that breaks its routes. */
export function App(): ReactNode {
  const [kitchen, setKitchen] = useState(() => ({ llm: createKitchen(true), hasSafe: true }))
  const [isPlugged, setIsPlugged] = useState(true)
  const [isDevOpen, setIsDevOpen] = useState(false)
  const devSwitch = useRef<HTMLInputElement>(null)
  const breakButton = useRef<HTMLButtonElement>(null)
  const drawer = useRef<HTMLDialogElement>(null)
  const hasRoom = useMedia('(min-width: 68rem)')
  const view = useView()

  /** As after a reload: a route that was being passed over is tried again at once. What is on the screen stays. */
  function renew(hasSafe: boolean) {
    void kitchen.llm.close()
    setKitchen({ llm: createKitchen(hasSafe), hasSafe })
  }
  function changePlug(isIn: boolean) {
    setPlugged(isIn)
    setIsPlugged(isIn)
  }
  function changeDev(isOpen: boolean) {
    setIsDevOpen(isOpen)
    // the drawer lies over everything else
    drawer.current?.close()
  }

  return (
    <LLMProvider llm={kitchen.llm}>
      <div className="page">
        <Header
          view={view}
          breakButton={breakButton}
          onBreak={hasRoom ? null : () => drawer.current?.showModal()}
        />
        {view === 'ask' && <Ask llm={kitchen.llm} />}
        <Suspense fallback={<main className="chat" aria-busy="true" />}>
          {view === 'week' && <Week llm={kitchen.llm} />}
          {view === 'happened' && <Happened />}
        </Suspense>
        <Side hasRoom={hasRoom} drawer={drawer}>
          <BreakPanel
            job={view === 'week' ? 'week' : 'chat'}
            hasSafe={kitchen.hasSafe}
            onSafe={renew}
            isPlugged={isPlugged}
            onPlug={changePlug}
            onRestore={() => {
              restoreAll()
              changePlug(true)
              renew(kitchen.hasSafe)
            }}
            isDevOpen={isDevOpen}
            devSwitch={devSwitch}
            onDev={changeDev}
          />
        </Side>
      </div>
      <DevPanel
        isOpen={isDevOpen}
        onClose={() => {
          setIsDevOpen(false)
          // on a phone the switch is in the drawer, which is closed
          const opener = breakButton.current ?? devSwitch.current
          opener?.focus()
        }}
      />
    </LLMProvider>
  )
}
