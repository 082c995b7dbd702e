'use client'

import type { ReactElement } from 'react'
import { Devtools } from './Devtools.tsx'
import type { RungsDevtoolsProps } from './props.ts'

export type { RungsDevtoolsProps }

// The one global that bundlers replace; nothing else of Node is meant.
declare const process: { readonly env: { readonly NODE_ENV?: string } }

/**
 * A button that opens a panel: the last 50 runs as timelines, the ladder and the health of its rungs, the
 * plan's reasons, events, each run as a test transcript, and switches that break routes. Prompts, answers and keys are not in it.
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
