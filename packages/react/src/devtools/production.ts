'use client'

export { Devtools as RungsDevtools } from './Devtools.tsx'
export type { RungsDevtoolsProps } from './props.ts'
