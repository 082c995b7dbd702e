import { createLLM, type Hint } from '../../../packages/core/src/index.ts'
import { createVirtualWorld } from '../../../packages/core/src/testing.ts'
import { Fault } from '../../../packages/core/src/policy/fault.ts'
import { createRoute } from '../../../packages/core/src/wire/route.ts'
import type { Route } from '../../../packages/core/src/words/route.ts'
import type { World } from '../../../packages/core/src/words/world.ts'
import type { Page } from '../page.ts'
import type { Policy } from '../player.ts'
import { NATURES, ROUTES, type Condition, type RouteName } from '../providers.ts'
import { keyed } from '../random.ts'
import type { Question } from '../users.ts'

/** Text to cut prompts and answers from, at four characters a token. */
const TEXT = 'word'.repeat(20_000)
const CHARS_PER_TOKEN = 4

export interface RungsOptions {
  readonly hedge?: boolean
  /** How old the hints are that the product's backend gives, ms; without it there are none. */
  readonly hintsAfterMs?: number
}

/** The real thing: `createLLM` on the page's clock, its routes as the world answers them. */
export function rungs(name: string, { hedge = false, hintsAfterMs }: RungsOptions = {}): Policy {
  return {
    name,
    open(page) {
      const questions = new Map<number, Question>()
      const llm = createLLM({
        world: worldOf(page),
        routes: {
          A: routeOf(page, 'A', questions),
          B: routeOf(page, 'B', questions),
          C: routeOf(page, 'C', questions),
        },
        workloads: { chat: { ladder: [...ROUTES], pace: 'chat', hedge } },
        ...(hintsAfterMs === undefined ? {} : { hints: () => hintsOf(page, hintsAfterMs) }),
      })
      return {
        async ask(question) {
          questions.set(question.id, question)
          const chars = question.inputTokens * CHARS_PER_TOKEN
          const prompt = `${question.id} ${TEXT.slice(0, chars)}`
          const run = llm.run({ workload: 'chat', prompt })
          const cancel = page.clock.after(question.patienceMs, () => {
            if (page.tries(question).some(({ hasContent }) => hasContent)) return
            void run.stop()
          })
          const { status, latency, attempts } = await run.outcome
          cancel()
          questions.delete(question.id)
          return {
            isAnswered: status === 'completed',
            firstMs: latency.firstContentMs,
            probesAt: attempts.flatMap((one) => (one.why === 'probe' ? one.startedAt : [])),
            hedges: attempts.filter(({ why }) => why === 'hedge').length,
          }
        },
        close: () => llm.close(),
      }
    },
  }
}

/** The stock virtual world (online, visible, no other tabs) on the page's own clock, with what the browser keeps. */
function worldOf({ seed, clock, disk }: Page): World {
  return {
    ...createVirtualWorld().world,
    now: clock.now,
    after: clock.after,
    timeOrigin: clock.now(),
    random: keyed(seed, 4, clock.now()),
    local: {
      read: (key) => disk.get(key) ?? null,
      write: (key, text) => {
        disk.set(key, text)
      },
    },
  }
}

/** A route whose every attempt plays its fate. Only price and quality are declared: what it is like is left to be learnt. */
function routeOf(page: Page, name: RouteName, questions: ReadonlyMap<number, Question>): Route {
  const { price, quality } = NATURES[name]
  return createRoute(
    'simulated',
    { provider: name, price, quality, pace: 'chat' },
    {
      model: name,
      origin: null,
      privacy: 'third-party',
      abilities: ['text'],
      credential: 'none',
      problems: [],
      stream: ({ request, signal }, tell) =>
        new Promise((resolve, reject) => {
          const prompt = request.messages[0]?.content
          const question = questions.get(
            typeof prompt === 'string' ? Number.parseInt(prompt, 10) : Number.NaN,
          )
          if (!question) throw new Error('an attempt of no known question')
          let told = 0
          const cut = page.attempt(question, name, {
            content(share) {
              if (told === 0) tell({ type: 'headers', status: 200 })
              const chars = Math.ceil(question.outputTokens * share * CHARS_PER_TOKEN)
              const text = TEXT.slice(0, Math.max(1, chars - told))
              told += text.length
              tell({ type: 'text', text })
            },
            end(isAnswer) {
              if (isAnswer) {
                const { inputTokens, outputTokens } = question
                tell({ type: 'usage', usage: { inputTokens, outputTokens } })
                tell({ type: 'finish', finish: 'stop' })
                tell({ type: 'terminal' })
                resolve()
              } else reject(new Fault(told === 0 ? REFUSED : DIED))
            },
          })
          signal.addEventListener('abort', () => {
            cut()
            reject(signal.reason)
          })
        }),
    },
  )
}

const REFUSED = { from: 'status', status: 503, headers: {}, body: '' } as const
const DIED = { from: 'transport', isOnline: true, isBlocked: false } as const

/** What a backend that serves many clients would know: how each route did `ageMs` ago. */
function hintsOf({ clock, weather }: Page, ageMs: number): readonly Hint[] {
  const asOf = clock.now() - ageMs
  return ROUTES.map((route) => ({ route, pBad: pBadOf(weather(route, asOf)), asOf }))
}

/** The errors that tell a bad route from a good one; below them it is served with a shrug. */
const BAD_FROM = 0.1
function pBadOf({ errorRate }: Condition): number {
  return errorRate >= BAD_FROM ? 0.97 : 0.01
}
