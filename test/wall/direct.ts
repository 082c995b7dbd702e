import type { Caller, Told } from './play.ts'
import type { Scenario, Side } from './scenarios.ts'
import type { Wall } from './wall.ts'

/** A client as people write it first, so that the wall and the judge can be judged themselves. */
export interface Habits {
  /** Any error goes to the fallback. */
  readonly hops: boolean
  /** The end of the body is the end of the answer, whatever was said by then. */
  readonly trustsTheEnd: boolean
}

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string }
    readonly finish_reason: string | null
  }[]
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number }
}

const timeoutMs = 30_000

export function createDirect({ hops, trustsTheEnd }: Habits) {
  return (wall: Wall, scenario: Scenario, prompt: string): Caller => {
    async function call(side: Side, signal: AbortSignal): Promise<Told> {
      let text = ''
      let isDone = false
      let usage: Told['usage'] = null
      let failure: Told['failure'] = null
      const quiet = new AbortController()
      let timer = setTimeout(() => quiet.abort(), timeoutMs * wall.scale)
      try {
        const response = await fetch(`${wall.baseUrl(scenario, side)}/chat/completions`, {
          method: 'POST',
          body: JSON.stringify({
            stream: true,
            stream_options: { include_usage: true },
            messages: [{ role: 'user', content: prompt }],
          }),
          signal: AbortSignal.any([signal, quiet.signal]),
        })
        if (!response.ok || response.body === null) {
          const { error }: { error: { code: string } } = await response.json()
          const kind = error.code === 'content_policy_violation' ? 'blocked-content' : error.code
          failure = { kind, status: response.status }
        } else {
          let rest = ''
          for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
            clearTimeout(timer)
            timer = setTimeout(() => quiet.abort(), timeoutMs * wall.scale)
            const events = (rest + piece).split('\n\n')
            rest = events.pop() ?? ''
            for (const event of events) read(event.slice('data: '.length))
          }
        }
      } catch {
        failure = { kind: 'broken' }
      }
      clearTimeout(timer)
      if (failure?.kind === 'broken' && trustsTheEnd && text !== '') failure = null
      else if (failure === null && !isDone && !trustsTheEnd) failure = { kind: 'cut' }
      const said = failure === null ? 'answer' : 'error'
      return { said, text, shown: [], route: side, usage, costUsd: null, failure, kinds: [] }

      function read(data: string): void {
        try {
          const chunk: Chunk = JSON.parse(data)
          text += chunk.choices[0]?.delta.content ?? ''
          isDone ||= chunk.choices[0]?.finish_reason === 'stop'
          if (chunk.usage) {
            const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = chunk.usage
            usage = { inputTokens, outputTokens }
          }
        } catch {
          // [DONE], or garbage
        }
      }
    }
    return {
      async ask(of, signal) {
        if (of === 'alive') return call('alive', signal)
        const told = await call('primary', signal)
        return hops && told.said === 'error' ? call('fallback', signal) : told
      },
      close: async () => {},
    }
  }
}
