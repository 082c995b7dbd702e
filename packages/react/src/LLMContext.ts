import { createContext, useContext, type Context } from 'react'
import type { AnyLLM } from './register.ts'

export const LLMContext: Context<AnyLLM | null> = createContext<AnyLLM | null>(null)

export function useProvided(): AnyLLM {
  const llm = useContext(LLMContext)
  if (llm === null) throw new TypeError('useLLM needs an <LLMProvider llm={llm}> above it.')
  return llm
}
