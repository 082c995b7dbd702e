import type { ReactElement, ReactNode } from 'react'
import { LLMContext } from './LLMContext.ts'
import type { AnyLLM } from './register.ts'

export interface LLMProviderProps {
  /** What `createLLM` gave. It is neither closed nor changed here. */
  readonly llm: AnyLLM
  readonly children?: ReactNode
}

/**
 * Gives an LLM to the hooks below it. When `llm` is replaced, what stands on the screen stays, and the
 * next `send` goes to the new one.
 */
export function LLMProvider({ llm, children }: LLMProviderProps): ReactElement {
  return <LLMContext.Provider value={llm}>{children}</LLMContext.Provider>
}
