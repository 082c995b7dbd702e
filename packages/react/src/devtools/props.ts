import type { BreakableRoute } from '@rungs/core/testing'
import type { AnyLLM } from '../register.ts'

export interface RungsDevtoolsProps {
  /** What `createLLM` gave. Default: the LLM of the `LLMProvider` above. */
  readonly llm?: AnyLLM | undefined
  /** Default: false. */
  readonly initialIsOpen?: boolean | undefined
  /** The corner of the button; the panel opens at that edge. Default: `bottom-right`. */
  readonly position?: 'bottom-right' | 'bottom-left' | 'top-right' | 'top-left' | undefined
  /** For pages whose Content Security Policy names a nonce for styles. */
  readonly styleNonce?: string | undefined
  /** Routes by name that were made with `breakable` from `@rungs/core/testing`; each gets a switch in the panel. */
  readonly breakable?: Readonly<Record<string, BreakableRoute>> | undefined
}
