import { firstQuestions } from '../policy/consent.ts'
import type { Candidate } from '../policy/candidate.ts'
import { placeOf, seconds, type Finding, type Look } from './finding.ts'
import { leftOut, type Scene } from './scene.ts'

/** How sure it is that a route takes so long: what nobody has declared is only assumed. */
function levelOf(candidates: readonly Candidate[]): Finding['level'] {
  return candidates.every(({ expected }) => expected.waitFrom === 'declared') ? 'error' : 'warning'
}
function waitOf({ expected }: Candidate): number {
  return Math.round(expected.waitMs[0])
}
/** A route of which nobody says how fast it writes may be fast enough. */
function wholeOf({ wholeMs }: Candidate): number {
  return wholeMs ?? 0
}
function tellWait(candidate: Candidate): string {
  const { name, expected } = candidate
  const from = expected.waitFrom === 'declared' ? '' : ' as long as it does not declare a wait'
  return `${name} is expected to take ${seconds(waitOf(candidate))}${from}`
}

/** Times that no route can keep, and a question that comes before every answer. */
export function findUnmetWaits(look: Look): void {
  for (const scene of look.scenes) {
    findLate(look, scene, leftOut(scene, 'too-slow', 'no-time-left'))
    if (scene.chain.length > 0) {
      findSlow(look, scene)
      findCutShort(look, scene)
    }
  }
}

/** What is over before the first rung can answer, which is meant to come first. */
function findLate(look: Look, scene: Scene, late: readonly Candidate[]): void {
  const { chain, terms, workload } = scene
  const { totalMs = Infinity, thread } = terms.limits
  const first = terms.ladder.flatMap(
    (rung) => [...chain, ...late].find(({ name }) => name === rung) ?? [],
  )[0]
  if (!first) return
  for (const [key, ms, below] of [
    ['totalMs', totalMs, ''],
    ['thread', thread?.totalMs ?? Infinity, '.totalMs'],
  ] as const) {
    if (ms >= waitOf(first)) continue
    const path = placeOf(look, scene, 'limits', key) + below
    const message = `${seconds(ms)} are over before ${workload} has its first words: ${tellWait(first)}`
    look.note(levelOf([first]), path, message, scene)
  }
}

/** What will often be cut off in the middle. */
function findCutShort(look: Look, scene: Scene): void {
  const { chain, terms, workload } = scene
  const { totalMs = Infinity } = terms.limits
  const fastest = chain.reduce((one, other) => (wholeOf(other) < wholeOf(one) ? other : one))
  if (totalMs < waitOf(fastest) || totalMs >= wholeOf(fastest)) return
  const path = placeOf(look, scene, 'limits', 'totalMs')
  const message = `${seconds(totalMs)} are over before ${workload} has a whole answer: the fastest, ${fastest.name}, is expected to take ${seconds(wholeOf(fastest))}`
  look.note('warning', path, message, scene)
}

function findSlow(look: Look, scene: Scene): void {
  const { chain, terms, workload } = scene
  const { firstChunkMs = Infinity } = terms.limits
  const fastest = chain.reduce((one, other) => (waitOf(other) < waitOf(one) ? other : one))
  if (firstChunkMs < waitOf(fastest)) {
    const path = placeOf(look, scene, 'limits', 'firstChunkMs')
    const message = `${seconds(firstChunkMs)} is less than any route of ${workload} needs: the fastest, ${tellWait(fastest)}`
    look.note(levelOf(chain), path, message, scene)
  }
  const isAlwaysAsked = chain.every(
    ({ expected }) => Object.keys(firstQuestions(expected, terms.ask)).length > 0,
  )
  if (isAlwaysAsked) {
    const path = placeOf(look, scene, 'ask', 'first')
    const message = `every route of ${workload} is over it, so each run begins with a question, and where nobody can answer there is no answer but the prepared one`
    look.note('warning', path, message, scene)
  }
}
