import { describeThrown, isolated } from '../policy/thrown.ts'
import type { RunEvent } from '../words/event.ts'
import type { Telemetry, TelemetryOptions } from '../words/telemetry.ts'
import type { Recorder, Setting } from './recorder.ts'
import { inTime } from './inTime.ts'
import { ARCHIVE, createWho } from './who.ts'

/** So many events are kept for a summary where nothing else asks for them, or for a recorder that is not there yet. */
const MOST_EVENTS = 2_000
/** So long the end waits for a recorder that is being loaded: it may never come. */
const LOADING_MS = 2_000

/**
 * What a run is told to until the recorder is there, which is loaded when it is needed: with telemetry, with the
 * page; without, by the first summary. Nothing is taken while there is no consent.
 */
export function createTelemetry(
  options: TelemetryOptions | undefined,
  setting: Omit<Setting, 'isGranted'>,
  fetchRecorder: () => Promise<Pick<typeof import('./recorder.ts'), 'createRecorder'>> = () =>
    import('./recorder.ts'),
): Telemetry {
  const { world } = setting
  let consent = options?.consent ?? 'granted'
  let recorder: Recorder | null = null
  let loading: Promise<Recorder> | null = null
  let waiting: ((recorder: Recorder) => void)[] = []
  /** Runs that were begun with consent, until the recorder knows them. */
  const begun = new Set<string>()

  function isGranted(): boolean {
    if (world.page.wantsPrivacy()) return false
    try {
      return (typeof consent === 'function' ? consent() : consent) === 'granted'
    } catch (error) {
      console.error('[rungs] telemetry.consent threw', describeThrown(error))
      return false
    }
  }
  async function create(): Promise<Recorder> {
    const { createRecorder } = await fetchRecorder()
    const made = createRecorder(options, { ...setting, isGranted })
    recorder = made
    for (const task of waiting) task(made)
    waiting = []
    begun.clear()
    return made
  }
  function load(): Promise<Recorder> {
    loading ??= create()
    const current = loading
    // What could not be loaded now may be the next time.
    current.catch(() => {
      if (loading === current) loading = null
    })
    return current
  }
  /** A recorder that could not be loaded now is asked for again with the next run, not with each of its events. */
  function prepare(): void {
    if (options) load().catch(() => undefined)
  }
  function tell(task: (recorder: Recorder) => void): void {
    const made = recorder
    if (made) {
      isolated(() => {
        task(made)
      })
      return
    }
    waiting.push(task)
    // Without a recorder, because none is wanted or none can be loaded, the newest are kept and no more.
    if (waiting.length > MOST_EVENTS) waiting.shift()
  }
  function forget(): void {
    waiting = []
    begun.clear()
    if (recorder || loading) {
      void load().then(
        (made) => made.wipe(),
        () => undefined,
      )
    } else if (options) {
      // What an earlier page has left; nothing that it kept says for certain that there is none.
      createWho(world).forget()
      void world
        .archive(ARCHIVE)
        ?.clear()
        // Where storage is refused nothing was kept; it is tried again whenever consent is found denied.
        .catch(() => undefined)
    }
  }

  if (!isGranted()) forget()
  else if ('document' in globalThis) prepare()
  return {
    begin(run) {
      if (isGranted()) {
        begun.add(run.id)
        tell((made) => {
          made.begin(run)
        })
        prepare()
      } else if (recorder || waiting.length > 0) forget()
    },
    hear(event) {
      if (!recorder && !begun.has(event.runId)) return
      const told = options || recorder ? event : thinned(event)
      if (told) {
        tell((made) => {
          made.hear(told)
        })
      }
    },
    feedback(runId, value) {
      if (isGranted()) {
        tell((made) => {
          made.feedback(runId, value)
        })
        prepare()
      }
    },
    summary: async () => (await load()).summary(),
    setConsent(next) {
      consent = next
      if (isGranted()) {
        if ('document' in globalThis) prepare()
      } else forget()
    },
    async close() {
      const closing = loading?.then(
        (made) => made.close(),
        // What could not be loaded has nothing to close.
        () => undefined,
      )
      if (closing) await inTime(LOADING_MS, closing, world.after)
    },
  }
}

/** What a summary needs of an event: no rows are made of it, so that what the model said need not be kept for it. */
function thinned(event: RunEvent): RunEvent | null {
  if (event.type === 'reasoning' || event.type === 'tool-call') return null
  if (event.type === 'content') return { ...event, text: '' }
  if (event.type !== 'settled') return event
  const message = { role: 'assistant', content: [] } as const
  return { ...event, outcome: { ...event.outcome, text: '', message, object: null } }
}
