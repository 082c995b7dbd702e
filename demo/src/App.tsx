import { LLMProvider } from '@rungs/react'
import { useState, type ReactNode } from 'react'
import { breakRoute, restoreAll } from './breakage.ts'
import { BreakPanel } from './BreakPanel.tsx'
import { Chat } from './Chat.tsx'
import { createKitchen, type Kitchen } from './llm.ts'
import { namesFor } from './names.ts'

export function App(): ReactNode {
  const [kitchen, setKitchen] = useState(() => kitchenWith(null))
  const [hasSafe, setHasSafe] = useState(true)
  const names = namesFor(kitchen.hasKey)

  function changeKey(key: string | null) {
    // a menu cannot break the real provider
    breakRoute('swift', 'healthy')
    void kitchen.llm.close()
    setKitchen(kitchenWith(key))
  }
  function restore() {
    restoreAll()
    // as after a reload: a route that was being passed over is tried again at once
    void kitchen.llm.close()
    setKitchen(kitchen.renew())
  }

  return (
    <LLMProvider llm={kitchen.llm}>
      <Chat
        llm={kitchen.llm}
        names={names}
        job={hasSafe ? 'chat' : 'chat-without-safe'}
        panel={
          <BreakPanel
            llm={kitchen.llm}
            names={names}
            hasKey={kitchen.hasKey}
            onKey={changeKey}
            hasSafe={hasSafe}
            onSafe={setHasSafe}
            onRestore={restore}
          />
        }
      />
    </LLMProvider>
  )
}

interface Provided {
  readonly llm: Kitchen
  readonly hasKey: boolean
  /** The same kitchen, which has learnt nothing yet. */
  readonly renew: () => Provided
}

function kitchenWith(key: string | null): Provided {
  return {
    llm: createKitchen(key),
    hasKey: key !== null,
    renew: () => kitchenWith(key),
  }
}
