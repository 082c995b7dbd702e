/** One piece of a message. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  /** `data` is base64, or the address of the image: a `URL`, or its text. A data URL is taken for what it holds. */
  | { readonly type: 'image'; readonly mediaType: string; readonly data: string | URL }
  /**
   * What a model thought. `opaque` (signatures, encrypted thoughts) goes back only to the provider and
   * model that made it.
   */
  | {
      readonly type: 'reasoning'
      readonly text?: string
      readonly opaque?: unknown
      readonly madeBy?: { readonly provider: string; readonly model: string }
    }
  /** `inputText` is the model's own spelling of `input`; an input cut short is text that does not parse. */
  | {
      readonly type: 'tool-call'
      readonly id: string
      readonly name: string
      readonly input: unknown
      readonly inputText?: string
    }
  | {
      readonly type: 'tool-result'
      readonly id: string
      readonly name: string
      readonly output: unknown
      readonly isError?: boolean
    }

export type ToolCall = Extract<Part, { type: 'tool-call' }>

export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string | readonly Part[]
}
