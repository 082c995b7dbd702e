'use client'

import type { ReactElement } from 'react'
import type { AnyLLM } from '../register.ts'
import { Devtools } from './Devtools.tsx'

export interface RungsDevtoolsProps {
  /** What `createLLM` gave. Default: the LLM of the `LLMProvider` above. */
  readonly llm?: AnyLLM | undefined
  /** Default: false. */
  readonly initialIsOpen?: boolean | undefined
  /** The corner of the button; the panel opens at that edge. Default: `bottom-right`. */
  readonly position?: 'bottom-right' | 'bottom-left' | 'top-right' | 'top-left' | undefined
  /** For pages whose Content Security Policy names a nonce for styles. */
  readonly styleNonce?: string | undefined
}

// The one global that bundlers replace; nothing else of Node is meant.
declare const process: { readonly env: { readonly NODE_ENV?: string } }

/**
 * A button that opens a panel: the last 50 runs as timelines, the ladder and the health of its rungs, the
 * plan's reasons, events, and each run as a test transcript. Prompts, answers and keys are not in it.
 *
 * Where `process.env.NODE_ENV` is `production` it renders nothing, and bundlers leave the panel out.
 *
 * @throws a TypeError with neither `llm` nor an `LLMProvider` above
 * @example
 * <LLMProvider llm={llm}>
 *   <App />
 *   <RungsDevtools />
 * </LLMProvider>
 */
export const RungsDevtools: (props: RungsDevtoolsProps) => ReactElement | null =
  process.env.NODE_ENV === 'production' ? () => null : Devtools
