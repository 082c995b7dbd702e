import { createLLM, canned, type LLM, type Report, type Sink, type Verdict } from '../src/index.ts'
import type { TelemetryOptions } from '../src/index.ts'
import {
  createVirtualDisk,
  createVirtualWorld,
  scripted,
  type VirtualDisk,
  type VirtualWorld,
} from '../src/testing.ts'
import type { Route } from '../src/words/route.ts'
import type { World } from '../src/words/world.ts'
import { createRecorder } from '../src/telemetry/recorder.ts'

// Loaded with the tests, so that no page of theirs waits for the disk of the machine.
void createRecorder

/** An instant that rows may have. */
export const START = 1_700_000_000_000

export interface Visit {
  readonly llm: LLM<string, string, string>
  readonly virtual: VirtualWorld
  /** One run to its end, with what is written of it. */
  readonly play: (
    request?: Partial<Parameters<LLM<string, string, string>['run']>[0]>,
  ) => Promise<string>
}

/** One page of a browser: what it keeps is on `disk`. */
export async function visit(
  telemetry: TelemetryOptions | undefined,
  {
    disk = createVirtualDisk(),
    at = START,
    seed = 1,
    routes = { ours: scripted({ provider: 'us' }, ['Hello ', 'there.']) },
    world = {},
    user,
  }: {
    readonly disk?: VirtualDisk
    readonly at?: number
    readonly seed?: number
    readonly routes?: Readonly<Record<string, Route>>
    readonly world?: Partial<World>
    readonly user?: () => string
  } = {},
): Promise<Visit> {
  const virtual = createVirtualWorld({ startAt: at, seed, disk })
  const llm = createLLM<string, string, string>({
    routes: { ...routes, sorry: canned('Sorry.') },
    workloads: { chat: { ladder: Object.keys(routes), safe: 'sorry' } },
    telemetry,
    user,
    world: { ...virtual.world, ...world },
  })
  return {
    llm,
    virtual,
    async play(request) {
      const run = llm.run({ workload: 'chat', prompt: 'Hello?', ...request })
      await virtual.until(run.outcome)
      await ticks()
      return run.id
    },
  }
}

/** Until what was begun has come to rest: a module that is loaded takes a few turns. */
export async function ticks(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 0)
    })
  }
}

/** A sink that keeps what it is sent, and answers as it is told. */
export function listening(
  name: string,
  answer: (batch: readonly Report[]) => Verdict | Promise<Verdict> = () => 'sent',
): Sink & {
  readonly batches: (readonly Report[])[]
  rows(): readonly Report[]
  run(id: string): Report | undefined
} {
  const batches: (readonly Report[])[] = []
  const rows = (): readonly Report[] => [
    ...new Map(
      batches
        .flat()
        .toSorted((one, other) => Number(one['revision']) - Number(other['revision']))
        .map((report) => [report['id'], report]),
    ).values(),
  ]
  return {
    name,
    batches,
    async send(batch) {
      batches.push(batch)
      return answer(batch)
    },
    /** The newest of each. */
    rows,
    run: (id) => rows().find((report) => report['id'] === id),
  }
}
