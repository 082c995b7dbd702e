import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from '@rungs/analytics'
import { LEAVING } from '../delivery/browser.ts'
import type { Scene } from './scene.ts'

/** When it happens: nothing has come; an answer is coming and its beginning is on the screen; it is all there. */
export type When = 'waiting' | 'streaming' | 'settled'

/** One line of the table of how runs are left, as a user does it. */
export interface Row {
  readonly name: string
  readonly when: readonly When[]
  /** `question` is what was asked. The answer goes on until it is told to end. */
  readonly act: (scene: Scene, question: string) => Promise<unknown>
  /** What the run's row says in the end. */
  readonly expect: (when: When) => Answer
  readonly query?: string
  /** The whole browser goes. */
  readonly isAlone?: boolean
}

const ALL = ['waiting', 'streaming'] as const
const WITHIN_MS = 600
const HALF_HOUR_MS = 30 * 60_000

/** Seen to its end. */
function completed(more: Answer = {}): Row['expect'] {
  return () => ({ status: 'completed', left_how: null, ...more })
}
/** Left for good. */
function left(how: string, status = 'abandoned'): Row['expect'] {
  // Whoever may come back has not ended the wait by going: it is censored.
  const ofWaiting = how === 'navigated' || how === 'hidden' ? 'hidden' : 'abandoned'
  return (when) => ({
    status,
    left_how: how,
    left_is_final: true,
    left_phase: when,
    wait_end: when === 'waiting' ? ofWaiting : 'painted',
  })
}
/** The page was there, then nothing was heard of it. */
const lost = (): Answer => ({ status: 'open', left_how: null })

/** Read on after it had come back. */
async function finish(scene: Scene, question: string): Promise<void> {
  await scene.begin(question)
  await scene.end(question)
}
const leave =
  (how: string): Row['act'] =>
  async ({ opened, tab }) => {
    // How long it takes until a run is written ahead is for another proof to say.
    await wait(WITHIN_MS)
    await LEAVING[how]?.({ ...opened, page: tab.page })
  }

export const TABLE: readonly Row[] = [
  {
    name: 'stopped',
    when: ALL,
    act: (scene) => scene.call('stop'),
    expect: left('stopped', 'stopped'),
  },
  {
    name: 'superseded by another question',
    when: ALL,
    async act(scene, question) {
      const other = `Instead of that: ${question}`
      await scene.ask(other)
      await scene.end(other)
    },
    expect: left('superseded', 'superseded'),
  },
  {
    name: 'the same asked again after the end',
    when: ['settled'],
    async act(scene, question) {
      await scene.ask(`${question} again`)
      await scene.end(`${question} again`)
    },
    expect: completed({ regenerated: true, wait_end: 'painted' }),
  },
  {
    name: 'something else asked after the end',
    when: ['settled'],
    async act(scene, question) {
      const other = `What has nothing to do with it: ${question.replace(/\D+/, '')}`
      await scene.ask(other)
      await scene.end(other)
    },
    expect: completed({ regenerated: null }),
  },
  {
    name: 'unmounted',
    when: ALL,
    act: (scene) => scene.call('show', 'none'),
    expect: left('unmounted'),
  },
  {
    name: 'unmounted after the end',
    when: ['settled'],
    act: (scene) => scene.call('show', 'none'),
    expect: completed(),
  },
  {
    name: 'mounted twice by StrictMode, in the middle of it',
    when: ALL,
    query: 'strict',
    async act(scene, question) {
      // A component that mounts is unmounted and mounted again by StrictMode.
      await scene.call('show', 'other')
      await finish(scene, question)
    },
    expect: completed({ wait_end: 'painted' }),
  },
  {
    name: 'a soft navigation that takes the view away',
    when: ALL,
    async act(scene) {
      await scene.call('goSoftly')
      await scene.call('show', 'none')
    },
    expect: left('unmounted'),
  },
  {
    name: 'a soft navigation that leaves the view',
    when: ALL,
    async act(scene, question) {
      await scene.call('goSoftly')
      await finish(scene, question)
    },
    expect: completed({ wait_end: 'painted' }),
  },
  ...(['tab', 'window'] as const).map((by): Row => ({
    name: `hidden by another ${by}, and back`,
    when: ALL,
    async act(scene, question) {
      const show = await scene.hide(by)
      await wait(WITHIN_MS)
      await show()
      await finish(scene, question)
    },
    expect: completed({ wait_end: 'painted' }),
  })),
  {
    name: 'finished while hidden, and seen later',
    when: ['waiting'],
    async act(scene, question) {
      const show = await scene.hide('window')
      await scene.end(question)
      await wait(WITHIN_MS)
      await show()
    },
    expect: completed({
      painted_by: 'hidden',
      first_paint_ms: null,
      wait_end: 'hidden',
      is_seen: true,
    }),
  },
  {
    name: 'finished while hidden, and never seen',
    when: ['waiting'],
    async act(scene, question) {
      await scene.hide('window')
      await scene.end(question)
    },
    expect: completed({
      painted_by: 'hidden',
      first_paint_ms: null,
      wait_end: 'hidden',
      is_seen: false,
    }),
  },
  {
    name: 'hidden, and not back in half an hour',
    when: ALL,
    async act(scene) {
      await scene.hide('window')
      await scene.call('skip', HALF_HOUR_MS + 1)
    },
    expect: left('hidden'),
  },
  {
    name: 'hidden, and closed there',
    when: ALL,
    async act(scene) {
      await scene.hide('window')
      await wait(WITHIN_MS)
      await scene.tab.page.close()
    },
    expect: left('closed'),
  },
  {
    name: 'hidden, and killed there',
    when: ALL,
    isAlone: true,
    async act(scene) {
      await scene.hide('window')
      await wait(WITHIN_MS)
      await scene.opened.kill()
    },
    expect: left('hidden'),
  },
  {
    name: 'frozen, and back',
    when: ALL,
    async act(scene, question) {
      const show = await scene.hide('window')
      const thaw = await scene.freeze()
      await wait(WITHIN_MS)
      await thaw()
      await show()
      await finish(scene, question)
    },
    expect: completed({ wait_end: 'painted' }),
  },
  {
    name: 'frozen, and discarded',
    when: ALL,
    isAlone: true,
    async act(scene) {
      await scene.hide('window')
      await scene.freeze()
      await wait(WITHIN_MS)
      await scene.opened.kill()
    },
    expect: left('hidden'),
  },
  {
    name: 'navigated, and back while the stream lives',
    when: ALL,
    async act(scene, question) {
      await scene.navigate('/else')
      await wait(WITHIN_MS)
      await scene.back()
      const why = await scene.call('notKept')
      if (why !== null) throw new Error(`the page was not kept: ${JSON.stringify(why)}`)
      await finish(scene, question)
    },
    expect: completed({ wait_end: 'painted', returns: 1 }),
  },
  {
    name: 'navigated, and not back',
    when: ALL,
    async act(scene) {
      await scene.navigate('/else')
      await wait(WITHIN_MS)
      await scene.tab.page.close()
    },
    expect: left('navigated'),
  },
  {
    name: 'navigated after the end',
    when: ['settled'],
    act: (scene) => scene.navigate('/else'),
    expect: completed(),
  },
  {
    name: 'reloaded',
    when: ALL,
    async act({ tab }) {
      await tab.page.reload()
    },
    expect: left('closed'),
  },
  { name: 'closed', when: ALL, act: leave('close'), expect: left('closed') },
  { name: 'crashed', when: ALL, act: leave('crash'), expect: lost },
  // A browser that quits does not always tell its pages, nor wait for their last words.
  { name: 'quit', when: ALL, isAlone: true, act: leave('quit'), expect: () => ({ is_cut: true }) },
  { name: 'killed', when: ALL, isAlone: true, act: leave('kill'), expect: lost },
]
