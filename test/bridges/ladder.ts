import { canned, createLLM, type LLM, type Route, type Workload } from '@rungs/core'

export type Ladder = LLM<string, 'chat', never>

/** One workload, `chat`, whose ladder is the routes in their order and whose safe answer is `Sorry.` */
export function ladder(
  routes: Readonly<Record<string, Route>>,
  workload: Partial<Workload<string, never>> = {},
): Ladder {
  return createLLM<string, 'chat'>({
    routes: { ...routes, sorry: canned('Sorry.') },
    workloads: { chat: { ladder: Object.keys(routes), safe: 'sorry', ...workload } },
  })
}
