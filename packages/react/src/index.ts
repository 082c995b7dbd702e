'use client'

export { FallbackNotice, type FallbackNoticeProps } from './FallbackNotice.tsx'
export { LLMProvider, type LLMProviderProps } from './LLMProvider.tsx'
export type { AnyLLM, Register, RegisteredLLM } from './register.ts'
export { useLLM, type UseLLM, type UseLLMOptions } from './useLLM.ts'
export type { Gesture, LLMVerbs, SendOptions } from './verbs.ts'
