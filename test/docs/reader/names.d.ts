// Names that a reader of the pages has from elsewhere: from the lines before, or of their own.

declare const llm: typeof import('./page/llm').llm
declare const routes: (typeof import('./rungs.config').default)['routes'] & {
  readonly mini: import('@rungs/core').Route
}
declare const workloads: { readonly chat: { readonly ladder: readonly ['ours'] } }
declare const session: { readonly userId: string; readonly token: string }
declare const token: () => Promise<string | undefined>
declare const fetchToken: () => Promise<string | undefined>
declare const cookieBanner: { accepted(purpose: string): boolean }
declare const runId: string
declare const question: string
declare const typed: string
declare const hook: import('@rungs/react').UseLLM
declare const world: import('@rungs/core/testing').VirtualWorld
declare const result: {
  toUIMessageStreamResponse(options: { onError: (error: unknown) => string }): Response
}
declare function draw(what: unknown): void
declare function App(): React.ReactNode
declare function codeOf(error: unknown): string
declare function waitOf(error: unknown): number | undefined

declare const aiSdk: typeof import('@rungs/core').aiSdk
declare const createLLM: typeof import('@rungs/core').createLLM
declare const openai: typeof import('@rungs/core').openai
declare const act: typeof import('react').act
declare const useChat: (options: object) => unknown
declare const useLLM: typeof import('@rungs/react').useLLM
declare const ladderTransport: typeof import('@rungs/core/ai-sdk').ladderTransport
declare const ladderConnection: typeof import('@rungs/core/tanstack-ai').ladderConnection
declare const ladderFetch: typeof import('@rungs/core/fetch').ladderFetch
declare const OpenAI: typeof import('openai').OpenAI

declare module 'tinyld/light' {
  export function detect(text: string): string
}
