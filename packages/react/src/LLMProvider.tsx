import { useState, type ReactElement, type ReactNode } from 'react'
import { LLMContext } from './LLMContext.ts'
import type { AnyLLM } from './register.ts'
import { takeOver } from './session/seat.ts'

export interface LLMProviderProps {
  /** What `createLLM` gave. It is neither closed nor changed here. */
  readonly llm: AnyLLM
  readonly children?: ReactNode
}

/**
 * Gives an LLM to the hooks below it. When `llm` is replaced by another, what stands on the screen stays, by an `id`
 * as well, and the next `send` goes to the new one.
 */
export function LLMProvider({ llm, children }: LLMProviderProps): ReactElement {
  const [last, setLast] = useState(llm)
  if (last !== llm) {
    takeOver(llm, last)
    setLast(llm)
  }
  return <LLMContext.Provider value={llm}>{children}</LLMContext.Provider>
}
