import type { BreakableRoute } from '@rungs/core/testing'
import type { AnyLLM } from '../register.ts'

export interface RungsDevtoolsProps {
  /** What `createLLM` gave. Default: the LLM of the `LLMProvider` above. */
  readonly llm?: AnyLLM | undefined
  /** Default: false. */
  readonly initialIsOpen?: boolean | undefined
  /**
   * For pages with a switch of their own, which says whether the panel is open: there is no button in the corner then, and
   * the panel listens, closed too, for as long as it is mounted. Default: the panel's own button says so.
   */
  readonly isOpen?: boolean | undefined
  /** The user has closed the panel, by its button or by Escape. */
  readonly onClose?: (() => void) | undefined
  /** The corner of the button; the panel opens at that edge. Default: `bottom-right`. */
  readonly position?: 'bottom-right' | 'bottom-left' | 'top-right' | 'top-left' | undefined
  /** For pages whose Content Security Policy names a nonce for styles. */
  readonly styleNonce?: string | undefined
  /** Routes by name that were made with `breakable` from `@rungs/core/testing`; each gets a switch in the panel. */
  readonly breakable?: Readonly<Record<string, BreakableRoute>> | undefined
}
