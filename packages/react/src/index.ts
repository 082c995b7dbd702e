'use client'

export { textOf, type ChatMessage, type Served } from './chat/message.ts'
export type { ChatVerbs } from './chat/chatVerbs.ts'
export { FallbackNotice, type FallbackNoticeProps } from './FallbackNotice.tsx'
export { LLMProvider, type LLMProviderProps } from './LLMProvider.tsx'
export { Attempts, type AttemptsProps, type AttemptsWords } from './notices/Attempts.tsx'
export { ConfirmRun, type ConfirmRunProps } from './notices/ConfirmRun.tsx'
export { KeyForm, type KeyFormProps, type KeyWords } from './notices/KeyForm.tsx'
export { PausedNotice, type PausedNoticeProps } from './notices/PausedNotice.tsx'
export { SlowNotice, type SlowNoticeProps } from './notices/SlowNotice.tsx'
export type { ConfirmWords, PausedWords, RouteNames, SlowWords } from './notices/words.ts'
export type { AnyLLM, Register, RegisteredLLM } from './register.ts'
export { useLLM, type UseLLM, type UseLLMOptions } from './useLLM.ts'
export { useLLMChat, type UseLLMChat, type UseLLMChatOptions } from './useLLMChat.ts'
export {
  useLLMObject,
  type Streamed,
  type UseLLMObject,
  type UseLLMObjectOptions,
} from './useLLMObject.ts'
export { useLLMSelector } from './useLLMSelector.ts'
export { useLLMSummary } from './useLLMSummary.ts'
export { useRouteHealth } from './useRouteHealth.ts'
export type { Gesture, SendOptions } from './start.ts'
export type { LLMVerbs } from './verbs.ts'
