import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Begun, Order, Orders, Report } from './client.ts'
import { dialects } from './dialects.ts'
import type { Case } from './inputs.ts'
import { listen, type Entry } from './server.ts'

/** A case, what the client says of it, and what the server saw. */
export interface Played {
  readonly of: Case
  /** Null: the client fell silent over it, or died of it. */
  readonly report: Report | null
  readonly requests: number
  readonly sentBytes: number
  /** The connection was closed once the run was over. */
  readonly isLeft: boolean
}

export interface Manner {
  readonly measure: Order['measure']
  /** Told of each case as it is played. */
  readonly onPlayed?: (played: Played) => void
}

/** Light cases that are weighed together. */
const GROUP = 16
/** A fast clock: real ms per ms of a run. */
const FAST = 0.05
/** Memory of the client, MiB: one that keeps what it should not dies soon. */
const ROOM_MIB = 512
/** A client that says nothing for so long is stuck in one task, ms. */
const SILENCE_MS = 20_000
/** So long may a connection stay open after its run, ms. */
const GOODBYE_MS = 5_000

/** Plays cases against a server, each in a client's process; one client plays many, until it dies of one. */
export async function playAll(cases: readonly Case[], manner: Manner): Promise<readonly Played[]> {
  const byKey = new Map(cases.map((one) => [one.key, one]))
  /** Where a case of a client that died is played again, it is not the same to the server. */
  const rounds = new Map<string, number>()
  const server = await listen((place) => {
    const found = byKey.get(place.split('~')[0] ?? '')
    return found ? found.input.sends(dialects[found.wire]) : ['HTTP/1.1 404 Not Found\r\n\r\n']
  })
  const steady = cases.filter(({ input }) => !input.isPaced)
  const paced = cases.filter(({ input }) => input.isPaced)
  const played: Played[] = []

  async function look(of: Case, report: Report | null): Promise<void> {
    const entry = server.entry(placeOf(of.key))
    const { requests, sentBytes } = entry
    const one = { of, report, requests, sentBytes, isLeft: await isLeft(entry) }
    played.push(one)
    manner.onPlayed?.(one)
  }
  const placeOf = (key: string): string => `${key}~${rounds.get(key) ?? 0}`
  function order({ key, wire, input }: Case): Order {
    rounds.set(key, (rounds.get(key) ?? 0) + 1)
    return {
      key,
      wire,
      baseUrl: `${server.origin}/${placeOf(key)}/v1`,
      asksForJson: input.asksForJson ?? false,
      scale: input.isPaced ? FAST : 1,
      measure: manner.measure,
    }
  }

  /** Heavy cases are weighed one by one, and so is each where tasks are timed. */
  function inGroups(some: readonly Case[]): Order[][] {
    const groups: Order[][] = []
    for (const one of some) {
      const last = groups.at(-1)
      const isAlone = manner.measure === 'tasks' || one.input.isHeavy === true
      if (isAlone || !last || last.length >= GROUP) groups.push([])
      groups.at(-1)?.push(order(one))
      if (isAlone) groups.push([])
    }
    return groups.filter(({ length }) => length > 0)
  }

  try {
    // Paced ones mostly wait: all at once. Where tasks are timed, nothing else runs.
    const playPaced = (): Promise<void> => playSome(paced, true, (some) => [some.map(order)], look)
    const beside = manner.measure === 'heap' ? playPaced() : null
    await playSome(steady, false, inGroups, look)
    await (beside ?? playPaced())
    if (server.entry('elsewhere').requests > 0) throw new Error('a redirect was followed')
    return played
  } finally {
    await server.close()
  }
}

async function isLeft({ isOver, requests }: Entry): Promise<boolean> {
  if (requests === 0) return true
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), GOODBYE_MS)
  })
  const isSo = await Promise.race([isOver.then(() => true), late])
  clearTimeout(timer)
  return isSo
}

/** One client after the other: whoever dies of a case is replaced for the rest. */
async function playSome(
  cases: readonly Case[],
  areTogether: boolean,
  group: (cases: readonly Case[]) => Orders['groups'],
  look: (of: Case, report: Report | null) => Promise<void>,
): Promise<void> {
  const left = new Map(cases.map((one) => [one.key, one]))
  while (left.size > 0) {
    const looks: Promise<void>[] = []
    let begun = ''
    const child = fork(fileURLToPath(new URL('client.ts', import.meta.url)), {
      execArgv: ['--expose-gc', `--max-old-space-size=${ROOM_MIB}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout
      const hear = (): void => {
        clearTimeout(timer)
        timer = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS)
      }
      child.on('message', (told: Report | Begun) => {
        hear()
        if ('begun' in told) {
          begun = told.begun
          return
        }
        const of = left.get(told.key)
        if (of) looks.push(look(of, told))
        left.delete(told.key)
        if (left.size === 0) void Promise.all(looks).then(() => child.kill())
      })
      child.on('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      hear()
      child.send({ groups: group([...left.values()]), areTogether } satisfies Orders)
    })
    await Promise.all(looks)
    const victim = left.get(begun)
    left.delete(begun)
    if (victim) await look(victim, null)
    else if (left.size > 0) throw new Error('a client died before it began')
  }
}
