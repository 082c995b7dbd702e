import type { RunEvent } from '@rungs/core'
import { join, toFact, type Fact } from './fact.ts'

/** So many runs are kept, the newest. */
export const MOST_RUNS = 50

/** One run as plain data, without prompts, answers and keys. */
export interface RunRecord {
  readonly id: string
  /** Null for a run that had begun before anybody listened. */
  readonly started: Extract<Fact, { type: 'started' }> | null
  readonly settled: Extract<Fact, { type: 'settled' }> | null
  /** In the order in which they happened; what was said in pieces is one. */
  readonly facts: readonly Fact[]
}

/** The runs with one more event, the oldest run first. */
export function reduceRuns(runs: readonly RunRecord[], event: RunEvent): readonly RunRecord[] {
  const index = runs.findLastIndex(({ id }) => id === event.runId)
  const known = runs[index]
  const fact = toFact(event)
  if (known) return runs.with(index, reduceRecord(known, fact))
  const record = { id: event.runId, started: null, settled: null, facts: [] }
  return [...runs, reduceRecord(record, fact)].slice(-MOST_RUNS)
}

function reduceRecord(record: RunRecord, fact: Fact): RunRecord {
  const joined = join(record.facts.at(-1), fact)
  return {
    id: record.id,
    started: fact.type === 'started' ? fact : record.started,
    settled: fact.type === 'settled' ? fact : record.settled,
    facts: joined ? record.facts.with(-1, joined) : [...record.facts, fact],
  }
}
