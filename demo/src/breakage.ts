import { useSyncExternalStore } from 'react'
import type { Fault } from '../simulator/faults.ts'
import type { RungName } from './names.ts'

/** What is wrong with each rung, as the panel says. The network reads it when a request is made. */
export type Breakage = Readonly<Record<RungName, Fault>>

const whole: Breakage = {
  swift: 'healthy',
  backend: 'healthy',
  reserve: 'healthy',
  chef: 'healthy',
}
let current = whole
const listeners = new Set<() => void>()

function change(next: Breakage): void {
  current = next
  for (const listener of listeners) listener()
}

export function faultOf(route: RungName): Fault {
  return current[route]
}

export function breakRoute(route: RungName, fault: Fault): void {
  change({ ...current, [route]: fault })
}

/** How many rungs do not work as they should. */
export function countBroken(breakage: Breakage): number {
  return Object.values(breakage).filter((fault) => fault !== 'healthy').length
}

export function restoreAll(): void {
  change(whole)
}

export function useBreakage(): Breakage {
  return useSyncExternalStore(subscribe, () => current)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
