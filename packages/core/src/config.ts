import { DEFAULTS } from './policy/decide.ts'
import { mergeTerms } from './policy/limits.ts'
import { declaredAgainst, type Candidate } from './policy/plan.ts'
import type { Config } from './words/policy.ts'
import type { RunRequest } from './words/request.ts'
import { isLocalHost } from './policy/address.ts'
import { equip, wireOf } from './wire/route.ts'

/** Reports problems of one value. `path` is where it stands in the config. */
type Check = (value: unknown, path: string, report: Report) => void
type Report = (path: string, message: string) => void

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const NAME = /^[\w.:/@-]{1,64}$/

/** What a value is. It is not quoted: what stands in the wrong place may be a key or somebody's words. */
function kindOf(value: unknown): string {
  if (typeof value === 'number' || value === null) return String(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text'
  return typeof value === 'object' ? 'an object' : typeof value
}

/** The same where a name is due, which may be quoted. */
function show(value: unknown): string {
  return typeof value === 'string' && NAME.test(value) ? `"${value}"` : kindOf(value)
}

/** How many letters apart two names are (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 0; i < one.length; i += 1) {
    const next = [i + 1]
    for (let j = 0; j < other.length; j += 1) {
      const [left = 0, up = 0, corner = 0] = [next[j], row[j + 1], row[j]]
      next.push(Math.min(left + 1, up + 1, corner + (one[i] === other[j] ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** What there is instead of a name that there is not. */
function instead(name: unknown, known: readonly string[]): string {
  const [nearest] = known.toSorted(
    (one, other) => distance(String(name), one) - distance(String(name), other),
  )
  return nearest !== undefined && distance(String(name), nearest) <= Math.max(2, nearest.length / 3)
    ? `; did you mean "${nearest}"?`
    : `; there ${known.length === 0 ? 'is none' : `are ${known.join(', ')}`}`
}

// ---- checks of one value each; undefined is always fine but for `needed`

const object =
  (fields: Readonly<Record<string, Check>>, what: string): Check =>
  (value, path, report) => {
    if (value === undefined) return
    if (!isRecord(value)) {
      report(path, `must be an object, is ${kindOf(value)}`)
      return
    }
    for (const [key, inner] of Object.entries(value)) {
      const check = Object.hasOwn(fields, key) ? fields[key] : undefined
      const here = path === '' ? key : `${path}.${key}`
      if (check) check(inner, here, report)
      else report(here, `is no field of ${what}${instead(key, Object.keys(fields))}`)
    }
  }

const each =
  (check: Check): Check =>
  (value, path, report) => {
    if (value === undefined) return
    if (!isRecord(value)) report(path, `must be an object, is ${kindOf(value)}`)
    else for (const [key, inner] of Object.entries(value)) check(inner, `${path}.${key}`, report)
  }

const list =
  (check: Check): Check =>
  (value, path, report) => {
    if (value === undefined) return
    if (!Array.isArray(value)) report(path, `must be a list, is ${kindOf(value)}`)
    else for (const [index, inner] of value.entries()) check(inner, `${path}[${index}]`, report)
  }

const oneOf =
  (what: string, known: readonly string[]): Check =>
  (value, path, report) => {
    if (value !== undefined && !known.some((one) => one === value)) {
      report(path, `${show(value)} is no ${what}${instead(value, known)}`)
    }
  }

const number =
  (least: number, most: number = Infinity): Check =>
  (value, path, report) => {
    if (value === undefined || (typeof value === 'number' && value >= least && value <= most))
      return
    report(
      path,
      `must be a number from ${least}${most < Infinity ? ` to ${most}` : ' on'}, is ${kindOf(value)}`,
    )
  }

const text: Check = (value, path, report) => {
  if (value !== undefined && (typeof value !== 'string' || value === '')) {
    report(path, `must be a text, is ${kindOf(value)}`)
  }
}

const anything: Check = () => undefined

const LIMITS = object(
  {
    firstChunkMs: number(1),
    chunkMs: number(1),
    totalMs: number(1),
    costUsd: number(0),
    minQuality: number(0, 1),
    maxAttempts: number(1),
    regions: list(text),
    require: list(text),
  },
  'limits',
)
const PACE = oneOf('pace', ['chat', 'reasoning', 'background'])
const DIRECTION = oneOf('direction', [
  'next',
  'faster',
  'cheaper',
  'stronger',
  'larger',
  'retry',
  'ask',
  'safe',
  'stop',
])
const FLAG: Check = (value, path, report) => {
  if (value !== undefined && typeof value !== 'boolean')
    report(path, `must be true or false, is ${kindOf(value)}`)
}
const ASK = object(
  {
    slowerByMs: number(0),
    costlierByUsd: number(0),
    lowerQuality: FLAG,
    payer: FLAG,
    leavesDevice: FLAG,
    download: FLAG,
    first: object({ waitMs: number(0), costUsd: number(0) }, 'first'),
  },
  'ask',
)
const PRICE: Check = (value, path, report) => {
  if (value === 'included') return
  object({ inputPerMTok: number(0), outputPerMTok: number(0) }, 'a price')(value, path, report)
}
const FACTS = object(
  {
    provider: text,
    account: text,
    region: text,
    compliance: list(text),
    quality: number(0, 1),
    price: PRICE,
    contextTokens: number(1),
    abilities: list(oneOf('ability', ['text', 'image', 'tools', 'json', 'reasoning'])),
    pace: PACE,
    expect: object({ firstChunkMs: number(1), tokensPerSecond: number(0) }, 'expect'),
    payer: oneOf('payer', ['product', 'user']),
  },
  'a route',
)

function checkRoute(route: unknown, path: string, report: Report): void {
  const wire = wireOf(route)
  if (!wire || !isRecord(route)) {
    report(path, 'was made by no route function (openai, aiSdk, textStream, canned)')
    return
  }
  for (const problem of wire.problems) report(path + problem.path, problem.message)
  FACTS(route['facts'], path, report)
  const page = globalThis.location as Location | undefined
  if (wire.literalAt && page?.protocol.startsWith('http') && !isLocalHost(page.hostname)) {
    report(
      path + wire.literalAt,
      'is written into a page, where everybody can read it: give a function that gets a short-lived token, or go through a backend of your own',
    )
  }
}

/** Check a config whole. Throws one TypeError that lists every problem by its path. */
export function checkConfig(given: Config<string, string, string>): void {
  const config: unknown = given
  const problems: string[] = []
  const report: Report = (path, message) => {
    problems.push(path === '' ? message : `${path}: ${message}`)
  }
  const names = (key: string): string[] => {
    const value = isRecord(config) ? config[key] : undefined
    return isRecord(value) ? Object.keys(value) : []
  }
  const [routes, workloads, tiers] = [names('routes'), names('workloads'), names('tiers')]
  const route = oneOf('route', routes)
  const on = object(
    Object.fromEntries(
      Object.keys(DEFAULTS).map((kind) => [
        kind,
        (value: unknown, path: string) => {
          if (Array.isArray(value)) list(route)(value, path, report)
          else DIRECTION(value, path, report)
        },
      ]),
    ),
    'on',
  )
  const ladder: Check = (value, path) => {
    list(route)(value, path, report)
    if (Array.isArray(value) && new Set(value).size < value.length) {
      report(path, 'names a route twice')
    }
  }
  const safe: Check = (value, path) => {
    route(value, path, report)
    const all = isRecord(config) && isRecord(config['routes']) ? config['routes'] : {}
    const named = typeof value === 'string' ? all[value] : undefined
    if (isRecord(named) && named['protocol'] !== 'canned') {
      report(path, `${show(value)} can fail: safe must be a canned route`)
    }
  }
  const workload = object(
    {
      ladder,
      safe,
      limits: LIMITS,
      on,
      ask: ASK,
      recovery: oneOf('recovery', ['restart', 'ask', 'keep']),
      pace: PACE,
    },
    'a workload',
  )
  const tier = object(
    {
      limits: LIMITS,
      on,
      ask: ASK,
      allow: list(route),
      deny: list(route),
      ladders: object(Object.fromEntries(workloads.map((job) => [job, ladder])), 'ladders'),
      regions: list(text),
      require: list(text),
      reviewBelow: number(0, 1),
    },
    'a tier',
  )
  if (isRecord(config)) {
    object(
      {
        routes: each(checkRoute),
        workloads: each((value, path) => {
          workload(value, path, report)
          if (isRecord(value) && !(Array.isArray(value['ladder']) && value['ladder'].length > 0)) {
            report(`${path}.ladder`, 'must name a route at least')
          }
        }),
        tiers: each(tier),
        defaultTier: oneOf('tier', tiers),
        world: anything,
      },
      'a config',
    )(config, '', report)
    if (routes.length === 0) report('routes', 'must hold a route at least')
    if (workloads.length === 0) report('workloads', 'must hold a workload at least')
  } else report('', `must be an object, is ${kindOf(config)}`)

  // What follows reads the config as its type says, so it waits until that is true.
  if (problems.length === 0) checkLadders(given, report)
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
    throw new TypeError(`createLLM: ${count} in the config:\n- ${problems.join('\n- ')}`)
  }
}

/** Every workload needs, for every tier, a route that its declared facts permit. */
function checkLadders(config: Config<string, string, string>, report: Report): void {
  const fresh = {
    expected: { waitMs: [0, 0], waitFrom: 'prior', costUsd: 0, quality: 0 },
    hold: null,
    isTried: false,
    availability: 'available',
    downloadBytes: 0,
  } as const
  const candidates = Object.entries(config.routes).map(([name, route]): Candidate =>
    Object.assign(equip(name, route).rung, fresh),
  )
  for (const job of Object.keys(config.workloads)) {
    for (const level of config.tiers ? Object.keys(config.tiers) : [null]) {
      const path = level === null ? `workloads.${job}` : `tiers.${level} with workloads.${job}`
      const terms = mergeTerms(config, job, level)
      if (terms.regions?.length === 0) {
        report(path, 'their regions have none in common')
        continue
      }
      const reasons = terms.ladder.map((name) => {
        const candidate = candidates.find((one) => one.name === name)
        return candidate ? declaredAgainst(candidate, terms) : null
      })
      if (!reasons.includes(null)) {
        const all = terms.ladder.map((name, index) => `${name}: ${reasons[index]}`)
        report(path, `no route of the ladder is acceptable (${all.join('; ')})`)
      }
    }
  }
}

const messageFields = object(
  { role: oneOf('role', ['system', 'user', 'assistant', 'tool']), content: anything },
  'a message',
)
const messageLike: Check = (value, path, report) => {
  messageFields(value, path, report)
  const content = isRecord(value) ? value['content'] : ''
  if (typeof content !== 'string' && !Array.isArray(content)) {
    report(`${path}.content`, `must be a text or a list of parts, is ${kindOf(content)}`)
  }
}

const nameLike: Check = (value, path, report) => {
  if (value !== undefined && !(typeof value === 'string' && NAME.test(value))) {
    report(path, 'must be 1 to 64 of letters, digits and _ . : / @ -')
  }
}

/** Check a request. Throws one TypeError that lists every problem. */
export function checkRequest(
  { workloads, tiers, defaultTier }: Config<string, string, string>,
  request: RunRequest,
): void {
  const problems: string[] = []
  const report: Report = (path, message) => problems.push(`${path}: ${message}`)
  object(
    {
      workload: oneOf('workload', Object.keys(workloads)),
      tier: oneOf('tier', Object.keys(tiers ?? {})),
      surface: nameLike,
      thread: nameLike,
      messages: list(messageLike),
      prompt: (value, path) => {
        if (value !== undefined && typeof value !== 'string')
          report(path, `must be a text, is ${kindOf(value)}`)
      },
      system: text,
      tools: each(object({ description: text, input: anything }, 'a tool')),
      output: anything,
      maxOutputTokens: number(1),
      temperature: number(0),
      reasoning: oneOf('effort', ['none', 'low', 'medium', 'high']),
      limits: LIMITS,
      canConfirm: anything,
      signal: anything,
      gestureAt: number(0),
    },
    'a request',
  )(request, '', report)
  if (request.workload === undefined) report('workload', 'must be named')
  if (tiers && request.tier === undefined && defaultTier === undefined) {
    report('tier', 'must be named: the config has tiers and no defaultTier')
  }
  if (request.prompt === undefined && !request.messages?.length) {
    report('prompt', 'must be given, or messages')
  }
  if (problems.length > 0) throw new TypeError(`run: ${problems.join('; ')}`)
}
