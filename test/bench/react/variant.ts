import type { ComponentType, ReactElement } from 'react'
import type { wires } from './wires.ts'

export interface Said {
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** A hook, and what its messages are. */
export interface Variant<Message extends { readonly id: string; readonly role: string }> {
  /** The wire it reads: the end of the address of an answer. */
  readonly wire: keyof typeof wires
  readonly toMessage: (said: Said) => Message
  readonly textOf: (message: Message) => string
  /** Asks the hook; `children` draws what it gives, and has the way to ask. */
  readonly Chat: ComponentType<{
    readonly url: string
    readonly history: Message[]
    readonly throttleMs?: number | undefined
    readonly children: (messages: readonly Message[], send: () => unknown) => ReactElement
  }>
  /** Draws the messages for which `is`, apart from the list. */
  readonly apart?: {
    readonly is: (message: Message) => boolean
    readonly Answer: ComponentType<{ readonly draw: (message: Message) => ReactElement }>
  }
}
