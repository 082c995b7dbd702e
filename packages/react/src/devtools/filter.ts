import type { Fact } from './fact.ts'
import type { RunRecord } from './record.ts'

/** How a run went, in one word. */
export type Way = 'running' | 'clean' | 'changed' | 'failed'
export const WAYS: readonly Way[] = ['running', 'clean', 'changed', 'failed']

/** `clean` is the whole answer of the route that was asked first; anything else that ended is `changed` or `failed`. */
export function wayOf({ settled, facts }: RunRecord): Way {
  if (!settled) return 'running'
  if (settled.status === 'failed') return 'failed'
  const isClean = settled.status === 'completed' && !facts.some(({ type }) => type === 'moved')
  return isClean ? 'clean' : 'changed'
}

/** Runs that went this way, if one is asked for, and in which each word is somewhere. */
export function findRuns(
  runs: readonly RunRecord[],
  words: string,
  way: Way | null,
): readonly RunRecord[] {
  return runs.filter((run) => (way === null || wayOf(run) === way) && hasWords(words, wordsOf(run)))
}

/** Events in which each word is somewhere. */
export function findFacts(facts: readonly Fact[], words: string): readonly Fact[] {
  return words.trim() === '' ? facts : facts.filter((fact) => hasWords(words, textsIn(fact)))
}

function hasWords(words: string, texts: readonly string[]): boolean {
  const all = texts.join('\n').toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/u)
    .every((word) => all.includes(word))
}

/** What a run is looked for by: where it came from, who was tried, what broke, and what came of it. */
function wordsOf(run: RunRecord): readonly string[] {
  const { workload, tier, surface, thread } = run.started ?? {}
  const tried = run.facts.flatMap((fact) => {
    if (fact.type === 'attempt-started') return [fact.route]
    if (fact.type === 'attempt-failed') return [fact.failure.kind, fact.failure.class]
    return fact.type === 'moved' && fact.degraded ? [fact.degraded.cause] : []
  })
  const { status, route } = run.settled ?? {}
  return textsIn([run.id, wayOf(run), workload, tier, surface, thread, status, route, tried])
}

/** Every text in a value, however deep. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}
