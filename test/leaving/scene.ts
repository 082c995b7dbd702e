import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Opened } from '../delivery/browser.ts'
import { openHome, type Home } from '../delivery/home.ts'
import { hide, openTab, type Tab } from '../cycles/chromium.ts'
import { createAnswers, type Answers } from './answers.ts'
import type { Stage } from './page.ts'

const PATIENCE_MS = 15_000
const PAGE = fileURLToPath(new URL('page.ts', import.meta.url))

export interface World {
  readonly home: Home
  readonly answers: Answers
}

export async function openWorld(): Promise<World> {
  const answers = createAnswers()
  return { home: await openHome(PAGE, answers.serve), answers }
}

/** A page in a window of its own, and all that its user can do there. */
export interface Scene {
  readonly opened: Opened
  readonly tab: Tab
  /** Asks, and waits until that stands there; the id of the run. */
  ask(question: string): Promise<string>
  call<Name extends keyof Stage>(name: Name, ...given: Parameters<Stage[Name]>): Promise<unknown>
  until(name: 'phase' | 'text', isSo: (value: string) => boolean): Promise<void>
  begin(question: string): Promise<void>
  end(question: string): Promise<void>
  hide(by: 'tab' | 'window'): Promise<() => Promise<void>>
  navigate(path: string): Promise<void>
  back(): Promise<void>
  freeze(): Promise<() => Promise<void>>
}

export async function openScene(
  opened: Opened,
  { home, answers }: World,
  query = '',
): Promise<Scene> {
  const tab = await openTab(opened.browser, `${home.origin}/?${query}`)
  const { cdp } = tab
  await cdp.send('Page.enable')

  // Not by Playwright, which loses a page that comes back by the back button.
  async function evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await cdp.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? expression)
    return result.value
  }
  const scene: Scene = {
    opened,
    tab,
    async call(name, ...given) {
      const list = given.map((one) => JSON.stringify(one)).join()
      return evaluate(`window.stage.${name}(${list})`)
    },
    async until(name, isSo) {
      await poll(name, async () => isSo(String(await scene.call(name))))
    },
    async ask(question) {
      await poll(
        'the page',
        async () => (await evaluate('!!document.querySelector("#ask")')) === true,
      )
      const id = String(await scene.call('ask', question))
      await scene.until('phase', (phase) => phase === 'waiting' || phase === 'streaming')
      return id
    },
    async begin(question) {
      answers.begin(question)
      await scene.until('text', (text) => text !== '')
      // Until that is painted.
      await evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))')
    },
    async end(question) {
      answers.end(question)
      await scene.until('phase', (phase) => phase === 'settled')
    },
    async hide(by) {
      const show = await hide(tab, by)
      await poll('hidden', async () => (await evaluate('document.visibilityState')) === 'hidden')
      return async () => {
        await show()
        await poll('shown', async () => (await evaluate('document.visibilityState')) === 'visible')
      }
    },
    async navigate(path) {
      await cdp.send('Page.navigate', { url: `${home.origin}${path}` })
      await poll(path, async () => (await evaluate('location.pathname')) === path)
    },
    async back() {
      const { entries, currentIndex } = await cdp.send('Page.getNavigationHistory')
      const before = entries[currentIndex - 1]
      if (!before) throw new Error('nothing to go back to')
      await cdp.send('Page.navigateToHistoryEntry', { entryId: before.id })
      await poll('back', async () => (await evaluate('!!window.stage')) === true)
    },
    async freeze() {
      await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
      return async () => void (await cdp.send('Page.setWebLifecycleState', { state: 'active' }))
    },
  }
  return scene
}

async function poll(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`)
    await wait(20)
  }
}
