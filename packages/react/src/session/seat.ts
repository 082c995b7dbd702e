import type { AnyLLM } from '../register.ts'
import { createSession, type Member, type Session } from './session.ts'

interface Shared {
  readonly session: Session
  /** Of the first component that mounted and names one. */
  workload: string | null
}

const sharedBy = new WeakMap<AnyLLM, Map<string, Shared>>()

/**
 * One LLM takes another's place: what is shown by its ids goes along. Done while rendering, before the components below
 * look for their seats; done twice, it changes nothing.
 */
export function takeOver(to: AnyLLM, from: AnyLLM): void {
  const ids = sharedBy.get(from)
  if (!ids || sharedBy.has(to)) return
  sharedBy.delete(from)
  sharedBy.set(to, ids)
}

/** A component's place at a session: its own, or by an id the one that others with this id are at too. */
export interface Seat {
  session(): Session
  join(member: Omit<Member, 'onLeft'>): () => void
  /** Throws where an id belongs to another workload. */
  check(workload: string | null): void
}

export function ownSeat(session: Session): Seat {
  return {
    session: () => session,
    join: (member) => session.join({ ...member, onLeft: () => undefined }),
    check: () => undefined,
  }
}

/**
 * A place at the session of an id; without a workload, one that only looks. Taking a seat changes nothing, so that it can be done while rendering;
 * the id is claimed when the first component mounts, and is free again when the last one has gone.
 */
export function sharedSeat(llm: AnyLLM, id: string, workload: string | null): Seat {
  const find = (): Shared | undefined => sharedBy.get(llm)?.get(id)
  let session = find()?.session ?? createSession()
  const check = (asked: string | null): void => {
    const taken = find()?.workload ?? asked
    if (taken === asked || asked === null) return
    throw new TypeError(
      `useLLM: the id "${id}" belongs to the workload "${taken}" and cannot be used for "${asked}" as well; give "${asked}" an id of its own.`,
    )
  }
  return {
    // Kept after others have gone: what a hidden component showed is still there when it is shown again.
    session: () => (session = find()?.session ?? session),
    check,
    join(member) {
      check(workload)
      const ids = sharedBy.get(llm) ?? new Map<string, Shared>()
      sharedBy.set(llm, ids)
      const shared = ids.get(id) ?? { session, workload }
      shared.workload ??= workload
      ids.set(id, shared)
      session = shared.session
      return session.join({
        ...member,
        onLeft: () => {
          if (ids.get(id) === shared) ids.delete(id)
        },
      })
    },
  }
}
