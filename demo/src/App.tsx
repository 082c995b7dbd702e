import { LLMProvider } from '@rungs/react'
import { useState, type ReactNode } from 'react'
import { breakRoute } from './breakage.ts'
import { BreakPanel } from './BreakPanel.tsx'
import { Chat } from './Chat.tsx'
import { createKitchen } from './llm.ts'
import { namesFor } from './names.ts'

export function App(): ReactNode {
  const [kitchen, setKitchen] = useState(() => ({ llm: createKitchen(null), hasKey: false }))
  const [hasSafe, setHasSafe] = useState(true)
  const names = namesFor(kitchen.hasKey)

  function changeKey(key: string | null) {
    // a menu cannot break the real provider
    breakRoute('swift', 'healthy')
    void kitchen.llm.close()
    setKitchen({ llm: createKitchen(key), hasKey: key !== null })
  }

  return (
    <LLMProvider llm={kitchen.llm}>
      <Chat
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
          />
        }
      />
    </LLMProvider>
  )
}
