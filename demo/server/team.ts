import type { IncomingMessage, ServerResponse } from 'node:http'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Answer, Store } from '@rungs/analytics'

type Analytics = typeof import('@rungs/analytics')
type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** What the page shows of the answers, in this order. */
const SHOWN = ['failures-by-provider', 'waits', 'how-runs-end', 'replacements'] as const

/** The team's questions with their answers, and how many rows they are drawn from. */
export interface Answers {
  readonly stored: { readonly run: number; readonly attempt: number }
  readonly answers: readonly {
    readonly name: string
    /** How the answer is read. */
    readonly about: string
    readonly rows: readonly Answer[]
  }[]
}

/** The team's side of the product: it takes the reports of its pages, and answers questions about them. */
export interface Team {
  readonly file: string
  /** Answers `POST /reports`. */
  readonly listener: Listener
  ask(): Promise<Answers>
  close(): Promise<void>
}

/**
 * Open the reports in a DuckDB file. Where DuckDB cannot be loaded on this machine, or has no place to write, the
 * product goes on without its team's view, and says why.
 */
export async function openTeam(file: string): Promise<Team | { readonly problem: string }> {
  try {
    const analytics = await import('@rungs/analytics')
    const opened = await openFile(analytics, file)
    const collector = await analytics.createCollector(opened.store)
    return {
      file: opened.file,
      listener: collector.listener,
      ask: () => ask(analytics, opened.store),
      close: () => collector.close(),
    }
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n')
    return { problem: `DuckDB is not to be had on this machine (${reason}).` }
  }
}

/** One process at a time may have a DuckDB file: a second server keeps its reports for itself. */
async function openFile(
  { openStore }: Analytics,
  file: string,
): Promise<{ readonly store: Store; readonly file: string }> {
  await mkdir(dirname(file), { recursive: true })
  try {
    return { store: await openStore(file), file }
  } catch (error) {
    if (!/lock/i.test(String(error))) throw error
    const own = join(await mkdtemp(join(tmpdir(), 'larder-')), 'reports.duckdb')
    return { store: await openStore(own), file: own }
  }
}

async function ask({ questions, readQuestion }: Analytics, store: Store): Promise<Answers> {
  const about = new Map(questions().map((question) => [question.name, question.about]))
  const answers = await Promise.all(
    SHOWN.map(async (name) => ({
      name,
      about: about.get(name) ?? '',
      rows: await store.query(readQuestion(name, 'duckdb') ?? ''),
    })),
  )
  return { stored: await store.count(), answers }
}
