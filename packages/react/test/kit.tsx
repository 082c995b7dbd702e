import { createLLM, type LLM, type Workload } from '@rungs/core'
import { createVirtualWorld, scripted, type Script, type VirtualWorld } from '@rungs/core/testing'
import { LLMProvider, useLLM, type UseLLM, type UseLLMOptions } from '@rungs/react'
import {
  act,
  cleanup,
  configure,
  render,
  renderHook,
  screen,
  type RenderHookResult,
} from '@testing-library/react'
import type { ReactElement, ReactNode } from 'react'
import { onTestFinished, vi } from 'vitest'

configure({ reactStrictMode: true })

type Name = 'ours' | 'mini'
export type TestLLM = LLM<Name, 'chat' | 'agent', never>
export type Options = UseLLMOptions<TestLLM>
export type Hook = UseLLM<TestLLM>

interface Page {
  readonly container: HTMLElement
  readonly change: (ui: ReactNode) => void
  readonly unmount: () => void
}

export interface Stage {
  readonly llm: TestLLM
  readonly time: VirtualWorld
  /** What routes were asked, oldest first: the route and its last message. */
  readonly asked: string[]
  readonly within: (ui: ReactNode) => ReactElement
  /** Render below the provider. */
  readonly show: (ui: ReactNode) => Page
  /** Let time pass, for routes and for React alike. */
  readonly pass: (ms: number) => Promise<void>
  readonly useStage: (options?: Partial<Options>) => RenderHookResult<Hook, Partial<Options>>
}

function useChat(options: Partial<Options>): Hook {
  return useLLM<TestLLM>({ workload: 'chat', ...options })
}

/** A world on one virtual clock, in which `ours` and then `mini` play their scripts. */
export function stage(
  scripts: { readonly [Route in Name]?: readonly Script[] } = {},
  workload: Partial<Workload<Name, never>> = {},
): Stage {
  const time = createVirtualWorld({ startAt: 1_000_000 })
  const cancels: (() => void)[] = []
  vi.stubGlobal(
    'setTimeout',
    (task: () => void, ms = 0) => cancels.push(time.world.after(ms, task)) - 1,
  )
  vi.stubGlobal('clearTimeout', (key: number | undefined) => {
    cancels[key ?? -1]?.()
  })
  onTestFinished(() => {
    cleanup()
    vi.unstubAllGlobals()
  })
  const asked: string[] = []
  const route = (name: Name) =>
    scripted(
      {
        provider: name,
        onRequest: ({ messages }) => {
          const last = messages.at(-1)
          const content = typeof last === 'object' && last !== null && 'content' in last
          asked.push(`${name}: ${content ? String(last.content) : 'nothing'}`)
        },
      },
      ...(scripts[name] ?? [[`${name} answers`]]),
    )
  const llm = createLLM({
    world: time.world,
    routes: { ours: route('ours'), mini: route('mini') },
    workloads: { chat: { ladder: ['ours', 'mini'], ...workload }, agent: { ladder: ['mini'] } },
  })
  const within: Stage['within'] = (ui) => <LLMProvider llm={llm}>{ui}</LLMProvider>
  return {
    llm,
    time,
    asked,
    within,
    show(ui) {
      const { container, rerender, unmount } = render(within(ui))
      return {
        container,
        unmount,
        change: (next) => {
          rerender(within(next))
        },
      }
    },
    pass: (ms) => act(() => time.advance(ms)),
    useStage: (options = {}) =>
      renderHook(useChat, { wrapper: ({ children }) => within(children), initialProps: options }),
  }
}

/** Do something as React does it in an event, and hand back what came of it. */
export function doing<Value>(task: () => Value): Value {
  const results: { readonly value: Value }[] = []
  act(() => {
    results.push({ value: task() })
  })
  const [result] = results
  if (!result) throw new Error('act did not run its task')
  return result.value
}

/** What a person sees of a run, and can do about it. */
export function Panel({
  name,
  onRender,
  ...options
}: Partial<Options> & {
  readonly name: string
  readonly onRender?: (text: string) => void
}): ReactElement {
  const { text, phase, send, stop } = useLLM<TestLLM>({ workload: 'chat', ...options })
  onRender?.(text)
  return (
    <section aria-label={name}>
      <p>{text}</p>
      <p>{phase}</p>
      <button type="button" onClick={(event) => send(`from ${name}`, { event })}>
        send {name}
      </button>
      <button type="button" onClick={() => void stop()}>
        stop {name}
      </button>
    </section>
  )
}

/** The text of a panel, then its phase. */
export function shown(name: string): string | null {
  return screen.getByLabelText(name).textContent
}

export function press(verb: 'send' | 'stop', name: string): void {
  doing(() => {
    screen.getByText(`${verb} ${name}`).click()
  })
}
