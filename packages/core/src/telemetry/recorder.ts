import { murmur3 } from '../policy/experiment.ts'
import { newId } from '../store/identity.ts'
import type { Feedback, RunEvent } from '../words/event.ts'
import type { Begun, Dropped, Sink, Summary, TelemetryOptions, Report } from '../words/telemetry.ts'
import type { Cancel, Strained, World } from '../words/world.ts'
import { createDelivery } from './delivery.ts'
import { reduceReport, unreported, type Reported } from './fold.ts'
import { createNames } from './names.ts'
import { inTime } from './inTime.ts'
import { opaque } from './opaque.ts'
import { BOUNDS, createOutbox, isSent, KEPT_MS, type Entry } from './outbox.ts'
import { createParting } from './parting.ts'
import { reportsOf, withFeedback, type ReportContext, type Sampling } from './report.ts'
import { alike, isCopyOf } from './signals.ts'
import { summarise } from './summary.ts'
import { SDK } from './version.ts'
import { createVitalsWatch } from './watching.ts'
import { ARCHIVE, createWho } from './who.ts'

export interface Setting {
  readonly world: World
  readonly identity: () => string
  readonly facts: ReportContext['facts']
  readonly isGranted: () => boolean
}

export interface Recorder {
  begin(run: Begun): void
  hear(event: RunEvent): void
  feedback(runId: string, value: Feedback): void
  summary(): Promise<Summary>
  wipe(): Promise<void>
  close(): Promise<void>
}

interface Live {
  readonly context: ReportContext
  readonly begun: Begun
  folded: Reported
  /** What stands on the screen; in the end, the answer. Only there where copies are noted. */
  text: () => string
  settledAt: number | null
  /** How the page answers meanwhile; null where nobody watches. */
  strained: Strained | null
  /** Revisions of rows that are in the outbox, by id. */
  readonly written: Map<unknown, unknown>
}

/** Whoever asks the same again in this time was not content with the answer. */
const AGAIN_MS = 30_000
/** Without locks, a page that has not been heard of in this time is gone. */
const GONE_MS = 30 * 60_000
/** So often it is looked for what other pages have left, while there is anything of theirs. */
const SWEEP_MS = 10_000
/** So many runs of this page can still be revised from memory; later feedback finds them in the outbox. */
const MOST_RUNS = 200
const WHOLE: Sampling = { rate: 1, isSampled: true, keepsFallbacks: false }
/** So long storage is waited for: it may never answer. */
const STORAGE_MS = 2_000
/** What came between is the reaper's: it may have told of this page as gone. */
const LEAP = 16

/**
 * Folds the events of this page's runs into rows, writes them ahead, and has them delivered. It does nothing on the
 * path of a token but the fold: rows are made, in the next microtask, where a reader of them would see
 * a difference.
 */
export function createRecorder(
  options: TelemetryOptions = {},
  { world, identity, facts, isGranted }: Setting,
): Recorder {
  const { page: presence, locks } = world
  const who = createWho(world)
  const page = newId(world.random)
  const names = createNames()
  const signals = new Set(options.signals)
  const sinks = named(options.sinks ?? [])
  const runs = new Map<string, Live>()
  const dirty = new Map<Live, boolean>()
  const dropped = new Map<Dropped, number>()
  let pageRun = 0
  let isLeaving = false
  let sweptAt = -Infinity
  let cancelSweep: Cancel | null = null
  let isClean = false
  /** How often all was forgotten. */
  let wipes = 0
  const drop = (why: Dropped, count: number): void => {
    dropped.set(why, (dropped.get(why) ?? 0) + count)
  }
  // Without telemetry nothing outlives the page: a summary is of what is in memory.
  const isKept = Object.keys(options).length > 0
  const outbox = createOutbox(isKept ? world.archive(ARCHIVE) : null, drop)
  const delivery = createDelivery({
    sinks,
    outbox,
    world,
    page,
    isGranted,
    drop,
    onSent(name, batch) {
      for (const sent of batch) {
        const id = String(sent.report['id'])
        const entry = outbox.get(id)
        if (!entry) continue
        // What was written since is still owed; that something was sent is true of it too.
        const isSame = entry.report === sent.report
        const owes = isSame ? entry.owes.filter((one) => one !== name) : entry.owes
        const told = sent.isOpen ? entry.told : [...new Set([...entry.told, name])]
        outbox.put({ ...entry, owes, told })
      }
      parting.refresh()
    },
  })
  const parting = createParting(sinks, outbox, world, isGranted)

  let letGo: Cancel | null = null

  // ---- this page's rows

  function put(report: Report, isOpen: boolean, isDue: boolean): void {
    const old = outbox.get(String(report['id']))
    outbox.put({
      version: 1,
      report,
      page,
      isOpen,
      owes: isDue ? [...sinks.keys()] : (old?.owes ?? []),
      told: old?.told ?? [],
      at: world.now(),
    })
  }
  function write(): void {
    if (!isGranted()) {
      void wipe()
      return
    }
    let hasDue = false
    for (const [live, isDue] of dirty) {
      watching.read(live)
      const { folded, context } = live
      const isOpen = folded.phase !== 'settled'
      // A row that is due is due once; an open one is closed with its run.
      const isWanted = (id: unknown, revision: unknown): boolean =>
        live.written.get(id) !== revision || (isDue && outbox.get(String(id))?.isOpen === true)
      for (const report of reportsOf(away(live), context, isWanted)) {
        const { id, revision } = report
        live.written.set(id, revision)
        put(report, isOpen, isDue)
        hasDue ||= isDue
      }
    }
    dirty.clear()
    parting.refresh()
    if (!hasDue) return
    // Nobody may be there for a timer.
    if (isLeaving || presence.isHidden()) delivery.flush(isLeaving)
    else delivery.poke()
  }
  function touch(live: Live, isDue: boolean): void {
    if (dirty.size === 0) queueMicrotask(write)
    dirty.set(live, isDue || (dirty.get(live) ?? false))
  }
  const watching = createVitalsWatch<Live>(world, () => runs.values(), touch)
  function take(live: Live, event: RunEvent): void {
    const { shown, left } = live.folded
    live.folded = reduceReport(live.folded, event, live.context)
    if (event.type === 'settled') {
      const { text } = event.outcome
      live.text = () => (options.autoSignals ? text : '')
      live.settledAt = world.now()
      watching.end(live)
    }
    if (event.type === 'shown' && left) {
      live.folded = { ...live.folded, revision: live.folded.revision + LEAP }
    }
    switch (event.type) {
      case 'settled':
      case 'left':
      case 'hidden':
      case 'feedback':
        touch(live, true)
        return
      case 'painted':
      case 'shown':
        // It may come after the end, and is worth a revision then.
        touch(live, live.folded.phase === 'settled')
        return
      case 'started':
      case 'attempt-started':
      // What a failure led to comes at once, and both are written with it.
      case 'moved':
      case 'asked':
      case 'held-out':
      case 'paused':
        touch(live, false)
        return
      case 'content':
      case 'tool-call':
        if (live.folded.shown !== shown) touch(live, false)
        // Not before the first answer has come: nothing is to be in the way of that.
        if (shown === 0 && isKept && isTold(live.context.sampling)) watching.bring()
        return
      default:
    }
  }

  // ---- other pages' rows

  /** Whether consent still is what it was: what is read from storage is not to come back after it was forgotten. */
  function lease(): () => boolean {
    const mine = wipes
    return () => mine === wipes && isGranted()
  }

  /** Whether the page of a row is gone: its lock is, or nothing was heard of it for long. */
  function isOrphan(entry: Entry, alive: ReadonlySet<string> | undefined): boolean {
    if (entry.page === page) return false
    return alive ? !alive.has(`rungs.page.${entry.page}`) : world.now() - entry.at >= GONE_MS
  }

  /** Take over what pages that are gone have left. */
  async function sweep(): Promise<void> {
    if (world.now() - sweptAt < SWEEP_MS) return
    sweptAt = world.now()
    const isCurrent = lease()
    let isAnyAlive = false
    const alive = await locks?.held()
    let due = 0
    const history: (readonly [id: string, at: number])[] = []
    const all = [...sinks.keys()]
    await outbox.stored((entry) => {
      if (!isCurrent()) return
      const ageMs = world.now() - entry.at
      const id = String(entry.report['id'])
      // Owed to one that is not there any more, or has another name: to all that are not known to have it.
      const isLost = entry.owes.some((one) => !sinks.has(one))
      const owes = all.filter(
        (one) => entry.owes.includes(one) || (isLost && !entry.told.includes(one)),
      )
      const isSettled = isSent({ ...entry, owes })
      if (entry.page === page || outbox.get(id)) return
      if (ageMs > KEPT_MS) {
        if (!isSettled) drop('expired', 1)
        outbox.remove(id)
      } else if (isSettled || !isOrphan(entry, alive)) {
        if (isSettled) history.push([id, entry.at])
        else isAnyAlive = true
      } else {
        due += 1
        const report = entry.isOpen ? closed(entry.report) : entry.report
        outbox.put({ ...entry, report, page, isOpen: false, owes: entry.isOpen ? all : owes })
      }
    })
    const oldest = history.toSorted(([, one], [, other]) => other - one).slice(BOUNDS.history)
    for (const [id] of oldest) outbox.remove(id)
    if (due > 0) delivery.poke()
    // A page that lives, or that the browser is about to end, may leave what it owes to this one.
    cancelSweep?.()
    cancelSweep = isAnyAlive && isCurrent() ? world.after(SWEEP_MS, start) : null
  }
  function start(): void {
    if (!isKept || !isGranted()) return
    letGo ??= locks?.hold(`rungs.page.${page}`) ?? null
    const task = sweep
    // One page at a time; the others need not wait for it.
    void (locks ? locks.attempt('rungs.sweep', task) : task()).catch(() => {
      drop('storage', 1)
    })
  }

  // ---- what is noticed without being told

  function noteCopy(text: string): void {
    for (const [id, live] of [...runs].toReversed().slice(0, 20)) {
      if (isCopyOf(text, live.text())) {
        feedback(id, { signal: 'copied' })
        return
      }
    }
  }
  function noteAgain(run: Begun): void {
    if (run.thread === null) return
    const last = [...runs.values()].findLast(({ begun }) => begun.thread === run.thread)
    if (!last || last.settledAt === null || world.now() - last.settledAt > AGAIN_MS) return
    if (alike(last.begun.question, run.question)) {
      feedback(last.begun.id, { signal: 'regenerated' })
    }
  }

  function feedback(runId: string, value: Feedback): void {
    if ('custom' in value && !signals.has(value.custom)) {
      console.error('[rungs] feedback: a signal that telemetry.signals does not name is left out')
      return
    }
    const live = runs.get(runId)
    if (live) {
      take(live, { type: 'feedback', value, runId, at: world.now() - live.begun.epoch })
      return
    }
    void revise(runId, value).catch(() => {
      drop('storage', 1)
    })
  }
  /** Feedback on a run of another page, or of long ago: its last row, where that is still there. */
  async function revise(runId: string, value: Feedback): Promise<void> {
    const isCurrent = lease()
    const stored = outbox.get(runId) ?? (await outbox.load(runId))
    const alive = stored?.isOpen ? await locks?.held() : undefined
    // While it was read, another may have revised it.
    const entry = outbox.get(runId) ?? stored
    if (!entry || !isCurrent()) return
    // A run whose page is gone has ended with it, and whoever takes over its row ends it; a page that lives keeps its own.
    const isGone = entry.isOpen && isOrphan(entry, alive)
    const report = withFeedback(isGone ? closed(entry.report) : entry.report, value, names)
    const isOpen = entry.isOpen && !isGone
    const keeper = isOpen ? entry.page : page
    outbox.put({ ...entry, report, isOpen, page: keeper, owes: [...sinks.keys()] })
    delivery.poke()
    parting.refresh()
  }

  async function wipe(): Promise<void> {
    if (isClean) return
    isClean = true
    wipes += 1
    parting.recall()
    for (const live of runs.values()) live.strained?.stop()
    runs.clear()
    dirty.clear()
    who.forget()
    await outbox.wipe().catch(() => {
      // What could not be deleted now may be the next time.
      isClean = false
    })
  }

  const cancels = [
    presence.watch(() => {
      if (presence.isHidden()) {
        queueMicrotask(() => {
          delivery.flush(false)
        })
        return
      }
      if (isLeaving) start()
      isLeaving = false
      // Of a run that has ended, the run itself tells no more.
      for (const [runId, live] of runs) {
        const { phase, hiddenSince } = live.folded
        if (phase !== 'settled' || hiddenSince === null) continue
        take(live, { type: 'shown', runId, at: world.now() - live.begun.epoch })
      }
    }),
    presence.watchLeaving(() => {
      isLeaving = true
      // A page that holds a lock is not kept for a return by the back button.
      letGo?.()
      letGo = null
      queueMicrotask(() => {
        delivery.flush(true)
      })
    }),
    ...(options.autoSignals ? [presence.watchCopy(noteCopy)] : []),
  ]
  start()

  return {
    begin(run) {
      isClean = false
      if (letGo === null) start()
      if (options.autoSignals) noteAgain(run)
      const user = identity()
      const salt = who.salt()
      const rate = options.sampleRate ?? 1
      const context: ReportContext = {
        epoch: run.epoch,
        gestureMs: run.gestureMs,
        names,
        facts,
        salt,
        user: opaque(user, salt),
        session: who.session(),
        page,
        pageRun,
        sdk: SDK,
        release: options.release ?? null,
        targetMs: run.targetMs,
        attributes: { ...options.attributes, ...run.attributes },
        hasAutoSignals: options.autoSignals === true,
        sampling: {
          rate,
          isSampled: murmur3(`sample ${user}`) / 2 ** 32 < rate,
          keepsFallbacks: options.keepFallbacks === true,
        },
      }
      pageRun += 1
      const live: Live = {
        context,
        begun: run,
        folded: unreported,
        text: run.text,
        settledAt: null,
        strained: null,
        written: new Map(),
      }
      runs.set(run.id, live)
      watching.begin(live)
      const [oldest] = runs.values()
      if (runs.size > MOST_RUNS && oldest) {
        oldest.strained?.stop()
        runs.delete(oldest.begun.id)
      }
    },
    hear(event) {
      const live = runs.get(event.runId)
      if (!live) return
      if (event.type === 'feedback') feedback(event.runId, event.value)
      else take(live, event)
    },
    feedback,
    async summary() {
      const rows = new Map<unknown, Report>()
      if (isGranted()) {
        await inTime(
          STORAGE_MS,
          outbox.stored(({ report }) => rows.set(report['id'], report)),
          world.after,
        )
      }
      for (const { report } of outbox.all()) rows.set(report['id'], report)
      // Whoever is not in the sample is in their own summary.
      for (const live of runs.values()) {
        const context = { ...live.context, sampling: WHOLE }
        for (const report of reportsOf(live.folded, context)) rows.set(report['id'], report)
      }
      return summarise([...rows.values()], Object.fromEntries(dropped))
    },
    wipe,
    async close() {
      write()
      delivery.flush(false)
      delivery.close()
      parting.recall()
      for (const cancel of cancels) cancel()
      cancelSweep?.()
      watching.close()
      await inTime(STORAGE_MS, outbox.written(), world.after)
      letGo?.()
    },
  }
}

/** Whether anything of such a user's runs may be sent. */
function isTold({ isSampled, keepsFallbacks }: Sampling): boolean {
  return isSampled || keepsFallbacks
}

/** Rows while the page is hidden say so: nobody may come back to it. */
function away({ folded, context, begun }: Live): Reported {
  if (folded.hiddenSince === null || folded.left || folded.phase === 'settled') return folded
  const left = { type: 'left', how: 'hidden', isFinal: false, runId: begun.id } as const
  const at = folded.hiddenSince - begun.gestureMs
  return { ...reduceReport(folded, { ...left, at }, context), revision: folded.revision }
}

/** The last of a run whose page is gone. One that was left and never returned to was abandoned; any other is lost. */
function closed(report: Report): Report {
  return report['left_is_final'] === false
    ? {
        ...report,
        status: 'abandoned',
        left_is_final: true,
        revision: Number(report['revision']) + 1,
      }
    : report
}

/**
 * Sinks by name; of two with one name, the second is told apart. A function goes by its place: the name that it has
 * in a bundle is another one after each build, and what is owed to it would be owed to nobody.
 */
function named(sinks: readonly (Sink | Sink['send'])[]): ReadonlyMap<string, Sink> {
  const all = new Map<string, Sink>()
  for (const [place, one] of sinks.entries()) {
    const sink = typeof one === 'function' ? { name: '', send: one } : one
    const name = sink.name || `sink-${place}`
    all.set(all.has(name) ? `${name} ${all.size}` : name, sink)
  }
  return all
}
