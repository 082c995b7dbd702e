/** What a browser's model does, in the order of the Prompt API's steps. */
export interface Script {
  /** One answer, or one for each time it is asked, the last for all that follow. */
  readonly availability?: string | Error | readonly string[]
  /** The names of the usage: of today, of before, or neither. */
  readonly names?: 'context' | 'input' | 'none'
  readonly hasGesture?: boolean
  /** `loaded` and `total` of each event. */
  readonly progress?: readonly (readonly [loaded: number, total: number])[] | undefined
  /** Why no session can be made. */
  readonly create?: Error
  readonly creating?: () => Promise<void>
  /** Whether `create` heeds its signal. */
  readonly heeds?: boolean
  /** Told in this order; an error ends them, a promise is waited for. */
  readonly chunks?: readonly unknown[]
  readonly answerTokens?: number
  readonly measure?: Error
}
interface Content {
  readonly type: string
  readonly value: unknown
}
interface Said {
  readonly role: string
  readonly content: string | readonly Content[]
}
interface Setup {
  readonly initialPrompts?: readonly Said[]
  readonly expectedInputs?: readonly { readonly type: string }[]
  readonly monitor?: (monitor: EventTarget) => void
  readonly signal?: AbortSignal
}
/** What the page did with it. */
export interface Seen {
  readonly asked: object[]
  readonly options: Setup[]
  readonly prompts: (string | readonly Said[])[]
  readonly promptOptions: { readonly responseConstraint?: object; readonly signal?: AbortSignal }[]
  created: number
  destroyed: number
  downloads: number
  isAborted: boolean
}

/**
 * A `LanguageModel` as https://webmachinelearning.github.io/prompt-api has it, refusing what the standard
 * refuses. It counts a token for each character.
 */
export function createModelOf(script: Script): { LanguageModel: object; seen: Seen } {
  const { availability = 'available', names = 'context', hasGesture = true, heeds = true } = script
  const answers = typeof availability === 'string' ? [availability] : availability
  const seen: Seen = {
    asked: [],
    options: [],
    prompts: [],
    promptOptions: [],
    created: 0,
    destroyed: 0,
    downloads: 0,
    isAborted: false,
  }
  const isThere = (): boolean => availability === 'available' || Array.isArray(availability)

  function createSession(setup: Setup): object {
    let usage = sizeOf(setup.initialPrompts ?? [])
    let isDestroyed = false
    let breakOff: ((reason: Error) => void) | undefined
    const measure = (prompt: string | readonly Said[]): Promise<number> =>
      script.measure ? Promise.reject(script.measure) : Promise.resolve(sizeOf(prompt))
    const session = {
      promptStreaming(prompt: string | readonly Said[], options: Seen['promptOptions'][number]) {
        if (isDestroyed) throw new DOMException('destroyed', 'InvalidStateError')
        seen.prompts.push(prompt)
        seen.promptOptions.push(options)
        check(typeof prompt === 'string' ? [] : prompt, setup, true)
        return new ReadableStream<unknown>({
          async start(controller) {
            breakOff = (reason) => {
              controller.error(reason)
            }
            options.signal?.addEventListener('abort', () => {
              seen.isAborted = true
              breakOff?.(new DOMException('aborted', 'AbortError'))
            })
            usage += sizeOf(prompt)
            for (const chunk of script.chunks ?? []) {
              if (chunk instanceof Promise) await chunk
              else if (chunk instanceof Error) {
                controller.error(chunk)
                return
              } else {
                controller.enqueue(chunk)
                // Each chunk is a task of its own, as a browser's are.
                await new Promise(setImmediate)
              }
            }
            usage += script.answerTokens ?? 3
            controller.close()
          },
        })
      },
      destroy() {
        if (!isDestroyed) seen.destroyed += 1
        isDestroyed = true
        try {
          breakOff?.(new DOMException('destroyed', 'AbortError'))
        } catch {
          // It had ended.
        }
      },
    }
    if (names === 'context') {
      return Object.defineProperty(
        Object.assign(session, { measureContextUsage: measure }),
        'contextUsage',
        {
          get: () => usage,
        },
      )
    }
    if (names === 'input') {
      return Object.defineProperty(
        Object.assign(session, { measureInputUsage: measure }),
        'inputUsage',
        {
          get: () => usage,
        },
      )
    }
    return session
  }

  const LanguageModel = {
    availability(options: object): Promise<string> {
      seen.asked.push(options)
      if (answers instanceof Error) return Promise.reject(answers)
      return Promise.resolve(answers[Math.min(seen.asked.length, answers.length) - 1] ?? '')
    },
    async create(setup: Setup): Promise<object> {
      const { signal, monitor, initialPrompts = [] } = setup
      seen.options.push(setup)
      check(initialPrompts, setup, false)
      signal?.throwIfAborted()
      if (!isThere()) {
        if (!hasGesture) throw new DOMException('no activation', 'NotAllowedError')
        seen.downloads += 1
      }
      const events = new EventTarget()
      monitor?.(events)
      for (const [loaded, total] of script.progress ?? []) {
        events.dispatchEvent(Object.assign(new Event('downloadprogress'), { loaded, total }))
        await Promise.resolve()
      }
      if (script.create) throw script.create
      const aborted = new Promise<never>((_, reject) => {
        if (heeds) signal?.addEventListener('abort', () => reject(signal.reason))
      })
      aborted.catch(() => undefined)
      await Promise.race([aborted, script.creating?.()])
      seen.created += 1
      return createSession(setup)
    },
  }
  return { LanguageModel, seen }
}

function sizeOf(prompt: string | readonly Said[]): number {
  if (typeof prompt === 'string') return prompt.length
  return prompt.reduce((sum, { content }) => sum + content.length, 0)
}

/** "Validate and canonicalize a prompt". */
function check(prompt: readonly Said[], { expectedInputs = [] }: Setup, hasInput: boolean): void {
  for (const [index, { role, content }] of prompt.entries()) {
    if (!['system', 'user', 'assistant'].includes(role)) throw new TypeError('role')
    if (role === 'system' && (hasInput || index > 0)) throw new TypeError('system')
    if (typeof content === 'string') continue
    for (const { type, value } of content) {
      if (role === 'assistant' && type !== 'text') throw new DOMException('', 'NotSupportedError')
      if (type === 'text' && typeof value !== 'string') throw new TypeError('text')
      if (type !== 'text' && !expectedInputs.some((one) => one.type === type)) {
        throw new DOMException('', 'NotSupportedError')
      }
      if (type === 'image' && !(value instanceof Blob)) throw new TypeError('image')
    }
  }
}
