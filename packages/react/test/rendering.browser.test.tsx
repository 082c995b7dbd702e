import { createLLM, type LLM } from '@rungs/core'
import { scripted, type Script } from '@rungs/core/testing'
import { LLMProvider, useLLM, type UseLLM } from '@rungs/react'
import {
  Profiler,
  startTransition,
  StrictMode,
  useEffect,
  useState,
  version,
  type ReactElement,
  type ReactNode,
} from 'react'
import { expect, onTestFinished, test } from 'vitest'
import { render } from 'vitest-browser-react'

type TestLLM = LLM<'ours' | 'mini', 'chat', never>

interface Scene {
  readonly hook: UseLLM<TestLLM>
  readonly llm: TestLLM
  readonly commits: () => number
  readonly answer: HTMLElement
}

/** A page with an answer, on the browser's own clock. */
async function open(
  scripts: { readonly ours: Script; readonly mini?: Script },
  more: ReactNode = null,
): Promise<Scene> {
  const llm = createLLM({
    routes: {
      ours: scripted({ provider: 'us' }, scripts.ours),
      mini: scripted({ provider: 'them' }, scripts.mini ?? ['mini']),
    },
    workloads: { chat: { ladder: ['ours', 'mini'], recovery: 'restart' } },
  })
  const lent: { hook?: UseLLM<TestLLM> } = {}
  let commits = 0
  function Answer(): ReactElement {
    const hook = useLLM<TestLLM>({ workload: 'chat', id: 'lunch' })
    useEffect(() => {
      lent.hook = hook
    }, [hook])
    return <p data-testid="answer">{hook.text}</p>
  }
  const screen = await render(
    <LLMProvider llm={llm}>
      <Profiler
        id="answer"
        onRender={() => {
          commits += 1
        }}
      >
        <Answer />
      </Profiler>
      {more}
    </LLMProvider>,
    { wrapper: StrictMode },
  )
  onTestFinished(async () => {
    await screen.unmount()
    await llm.close()
  })
  if (!lent.hook) throw new Error('the page was not rendered')
  const answer = screen.getByTestId('answer').element()
  if (!(answer instanceof HTMLElement)) throw new Error('the answer is not an element')
  return { hook: lent.hook, llm, commits: () => commits, answer }
}

/** Every text that `element` has had, however shortly, and the text at every frame. */
function record(element: HTMLElement): { readonly texts: string[]; readonly frames: string[] } {
  const texts: string[] = []
  const frames: string[] = []
  const observer = new MutationObserver(() => {
    texts.push(element.textContent)
  })
  observer.observe(element, { characterData: true, childList: true, subtree: true })
  let frame = requestAnimationFrame(function look() {
    frames.push(element.textContent)
    frame = requestAnimationFrame(look)
  })
  onTestFinished(() => {
    observer.disconnect()
    cancelAnimationFrame(frame)
  })
  return { texts, frames }
}

const words = (count: number, ...between: Script): Script =>
  Array.from({ length: count }, () => ['word ', ...between]).flat()

test('these tests run on the React that their project names, compiled where there is its compiler', () => {
  const expected = String(import.meta.env['RUNGS_REACT'])
  expect(version.startsWith(expected)).toBe(true)
  // What the React Compiler has been over asks for its cache first.
  expect(/\b_?c\)?\(\d+\)/u.test(String(Pages))).toBe(expected.startsWith('19'))
})

test('a restart replaces the text with no moment of emptiness and none of both', async () => {
  const { hook, answer } = await open({
    ours: ['The first half', 80, ' of it', 80, { fail: 'outage' }],
    mini: [150, 'Another answer', 80, ', whole'],
  })
  const { texts, frames } = record(answer)
  await hook.send('Hi').outcome
  await expect.poll(() => answer.textContent).toBe('Another answer, whole')
  const steps = [
    'The first half',
    'The first half of it',
    'Another answer',
    'Another answer, whole',
  ]
  expect(texts).toEqual(steps)
  await expect.poll(() => frames.at(-1)).toBe('Another answer, whole')
  const painted = frames.slice(frames.findIndex((text) => text !== ''))
  expect(steps).toEqual(expect.arrayContaining(painted))
})

test('3,000 chunks are some commits for each second that they take, not 3,000', async () => {
  // 10 chunks in a read
  const script = words(3000).flatMap((word, index): Script =>
    index % 10 === 9 ? [word, 1] : [word],
  )
  const { hook, answer, commits } = await open({ ours: script })
  const before = commits()
  const startedAt = performance.now()
  const { text, status } = await hook.send('Hi').outcome
  const tookMs = performance.now() - startedAt
  await expect.poll(() => answer.textContent).toBe(text)
  expect(status).toBe('completed')
  expect(text).toHaveLength(15_000)
  const count = commits() - before
  console.info(`3,000 chunks in ${Math.round(tookMs)} ms: ${count} commits`)
  expect(count).toBeGreaterThan(5)
  // One for each 50 ms, and the changes of phase.
  expect(count).toBeLessThan(tookMs / 50 + 8)
})

test('the first text is in the document before the browser does anything else', async () => {
  const { hook, llm, answer } = await open({ ours: [60, 'first', 200, ' second'] })
  const arrived = new Promise<string>((resolve) => {
    llm.subscribe(({ type }) => {
      if (type !== 'content') return
      const { port1, port2 } = new MessageChannel()
      port1.addEventListener('message', () => {
        port1.close()
        resolve(answer.textContent)
      })
      port1.start()
      port2.postMessage(null)
    })
  })
  const run = hook.send('Hi')
  expect(await arrived).toBe('first')
  await run.outcome
})

/** So many parts has the slow page. */
const PARTS = 200
/** How often one was rendered. */
let rendered = 0

function keepBusy(ms: number): void {
  rendered += 1
  const until = performance.now() + ms
  while (performance.now() < until);
}

function Slow(): ReactElement {
  keepBusy(1)
  return <i />
}

/** The same answer once more. */
function Second(): ReactElement {
  const { text } = useLLM<TestLLM>({ workload: 'chat', id: 'lunch' })
  return <p data-testid="second">{text}</p>
}

function Pages(): ReactElement {
  const [page, setPage] = useState(0)
  return (
    <>
      <button
        type="button"
        onClick={() => {
          startTransition(() => {
            setPage(page + 1)
          })
        }}
      >
        next
      </button>
      <div data-testid={`page ${page}`}>
        {page > 0 && Array.from({ length: PARTS }, (_, index) => <Slow key={index} />)}
        {page > 0 && <Second />}
      </div>
    </>
  )
}

test('a navigation that is slow to render comes through while 1,000 chunks stream', async () => {
  const { hook, answer } = await open({ ours: words(1000, 5) }, <Pages />)
  const run = hook.send('Hi')
  rendered = 0
  await expect.poll(() => answer.textContent.length).toBeGreaterThan(100)
  const startedAt = performance.now()
  const arrived = new Promise<number>((resolve) => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('[data-testid="page 1"]')) return
      observer.disconnect()
      resolve(performance.now() - startedAt)
    })
    observer.observe(document.body, { attributes: true, childList: true, subtree: true })
  })
  document.querySelector('button')?.click()
  const tookMs = await arrived
  console.info(`${PARTS} ms of rendering in a transition: ${Math.round(tookMs)} ms`)
  expect(run.store.getState().phase).toBe('streaming')
  // Twice, in StrictMode. One that each piece of text sends back to its start renders 1,000 parts and more.
  expect(rendered).toBeLessThan(3 * PARTS)
  const { length } = answer.textContent
  await expect.poll(() => answer.textContent.length).toBeGreaterThan(length)
  await hook.stop()
})

test('two components on one id show one text, also when one comes in a slow navigation', async () => {
  const { hook, answer } = await open({ ours: words(400, 5) }, <Pages />)
  const run = hook.send('Hi')
  await expect.poll(() => answer.textContent.length).toBeGreaterThan(100)
  let same = 0
  const torn: string[] = []
  const observer = new MutationObserver(() => {
    const second = document.querySelector('[data-testid="second"]')
    if (!second) return
    if (second.textContent === answer.textContent) same += 1
    else torn.push(`${second.textContent.length} and ${answer.textContent.length}`)
  })
  observer.observe(document.body, { characterData: true, childList: true, subtree: true })
  document.querySelector('button')?.click()
  await run.outcome
  observer.disconnect()
  expect(same).toBeGreaterThan(10)
  expect(torn).toEqual([])
})
