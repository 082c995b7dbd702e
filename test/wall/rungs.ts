import { createLLM, openai } from '@rungs/core'
import { price } from './judge.ts'
import type { Caller } from './play.ts'
import type { Scenario } from './scenarios.ts'
import type { Wall } from './wall.ts'

/**
 * Rungs with its default configuration, two rungs and no more: what is under test. Where the wall runs
 * faster than the world, so does Rungs' own clock: its deadlines, hold-offs and probes stay the defaults.
 */
export function createRungs(wall: Wall, scenario: Scenario, prompt: string): Caller {
  const options = { apiKey: 'k', price } as const
  const llm = createLLM({
    routes: {
      primary: openai({
        ...options,
        model: 'primary',
        provider: 'one',
        baseUrl: wall.baseUrl(scenario, 'primary'),
        contextTokens: 8192,
      }),
      fallback: openai({
        ...options,
        model: 'fallback',
        provider: 'two',
        baseUrl: wall.baseUrl(scenario, 'fallback'),
        contextTokens: 131_072,
      }),
      alive: openai({
        ...options,
        model: 'alive',
        provider: 'three',
        baseUrl: wall.baseUrl(scenario, 'alive'),
      }),
    },
    workloads: { ladder: { ladder: ['primary', 'fallback'] }, alive: { ladder: ['alive'] } },
    ...(wall.scale === 1 ? {} : { world: hastened(wall.scale) }),
  })
  return {
    async ask(workload, signal) {
      const run = llm.run({ workload, prompt, signal })
      const shown: string[] = []
      const leave = run.store.subscribe(({ text }) => {
        if (text !== shown.at(-1)) shown.push(text)
      })
      const { status, finish, attempts, ...rest } = await run.outcome
      leave()
      const isAnswer = status === 'completed' && finish === 'stop'
      const kinds = attempts.flatMap((one) => (one.failure ? [one.failure.kind] : []))
      return { ...rest, said: isAnswer ? 'answer' : 'error', shown, kinds }
    },
    close: () => llm.close(),
  }
}

/** A world in which `scale` real milliseconds make one. */
function hastened(scale: number): {
  readonly now: () => number
  readonly after: (ms: number, task: () => void) => () => void
} {
  const startedAt = Date.now()
  const start = performance.now()
  return {
    now: () => startedAt + (performance.now() - start) / scale,
    after: (ms, task) => {
      const timer = setTimeout(task, ms * scale)
      return () => clearTimeout(timer)
    },
  }
}
