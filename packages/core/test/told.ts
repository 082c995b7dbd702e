import type { Outcome, Run, RunEvent, RunRequest } from '@rungs/core'

/** What one run came to. */
export interface Told {
  readonly outcome: Outcome
  readonly events: readonly RunEvent[]
}

/** One run to its end, of an LLM whose workload is `chat`. */
export async function told(
  llm: { run(request: RunRequest<'chat', never>): Run },
  request: Partial<RunRequest<'chat', never>> = {},
): Promise<Told> {
  const run = llm.run({ workload: 'chat', prompt: 'Hello?', ...request })
  const events: RunEvent[] = []
  for await (const event of run) events.push(event)
  return { outcome: await run.outcome, events }
}
