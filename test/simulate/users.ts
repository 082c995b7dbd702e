import { readFileSync } from 'node:fs'
import { DAY_MS, DAYS, NATURES } from './providers.ts'
import { exponential, keyed, logNormal, type Random } from './random.ts'

/** One question of one user. */
export interface Question {
  /** The same in every policy; what its attempts are drawn by. */
  readonly id: number
  /** ms from the start of the 392 days. */
  readonly at: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** How long the user waits for the first content, ms. */
  readonly patienceMs: number
}
/** The questions of one visit. */
export type Session = readonly Question[]

const SESSIONS_PER_DAY = 1.2
/** After each question, another one follows with this chance: five a session. */
const GOES_ON = 0.8
const THINK_MS = 40_000
/** Assumed: two thirds of the pauses are between 18 and 89 s. */
const THINK_SIGMA = 0.8
const PATIENCE_MS = 25_000
const PATIENCE_SIGMA = 0.7
/** Nobody waits longer. */
export const END_MS = 60_000

const TOKENS = readTokens()
const REQUESTS_PER_CLIENT = (SESSIONS_PER_DAY * DAYS) / (1 - GOES_ON)

/** One question at a time, with what is drawn for it. */
export function drawQuestion(random: Random, id: number, at: number): Question {
  const [inputTokens, outputTokens] = TOKENS[Math.floor(random() * TOKENS.length)] ?? [1, 1]
  const patienceMs = Math.min(END_MS, logNormal(random, PATIENCE_MS, PATIENCE_SIGMA))
  return { id, at, inputTokens, outputTokens, patienceMs }
}

/** Everything that each of so many clients asks in the 392 days that about `requests` questions come together. */
export function drawClients(seed: number, requests: number): readonly (readonly Session[])[] {
  const clients: Session[][] = []
  let id = 0
  while (clients.length < Math.max(1, Math.round(requests / REQUESTS_PER_CLIENT))) {
    const random = keyed(seed, 2, clients.length)
    const sessions: Session[] = []
    for (let at = 0; ;) {
      at += exponential(random, DAY_MS / SESSIONS_PER_DAY)
      if (at > DAYS * DAY_MS) break
      const session: Question[] = []
      do {
        const question = drawQuestion(random, id, at)
        session.push(question)
        id += 1
        // Read at the pace of a route that is well, then thought about.
        at += (question.outputTokens / NATURES.A.tokensPerSecond) * 1000 + NATURES.A.medianMs
        at += logNormal(random, THINK_MS, THINK_SIGMA)
      } while (random() < GOES_ON)
      sessions.push(session)
    }
    clients.push(sessions)
  }
  return clients
}

function readTokens(): readonly (readonly [input: number, output: number])[] {
  const text = readFileSync(new URL('data/tokens.csv', import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [input, output] = line.split(',')
      return [Number(input), Number(output)]
    })
}
