import { createLLM, openai } from '@rungs/core'

/** One answer through Rungs, its routes in order. */
export async function stream(
  baseUrls: readonly string[],
  onText: (text: string) => void,
): Promise<string> {
  const routes = Object.fromEntries(
    baseUrls.map((baseUrl, index) => [
      `r${index}`,
      openai({ model: 'm', apiKey: 'k', baseUrl, provider: `p${index}` }),
    ]),
  )
  const llm = createLLM({ routes, workloads: { chat: { ladder: Object.keys(routes) } } })
  const run = llm.run({ workload: 'chat', prompt: 'hi' })
  llm.subscribe((event) => {
    if (event.type === 'content') onText(event.text)
  })
  const outcome = await run.outcome
  if (outcome.status !== 'completed') throw new Error(`${outcome.status}: ${outcome.failure?.kind}`)
  await llm.close()
  return outcome.text
}
