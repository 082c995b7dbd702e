import type { Played, Served, Told } from './play.ts'
import { answers, type Check, type Level, type Scenario } from './scenarios.ts'
import type { Entry } from './wall.ts'

interface Finding {
  readonly id: string
  readonly level: Level
  readonly isMet: boolean
  readonly detail: string
}

/**
 * As FailoverBench scores a cell. `pass`: the ideal outcome, every check met. `partial`: an advisory check
 * missed, or a refusal that was routed around. `safe`: no answer, but a clean and bounded error. `fail`: a
 * hang, a truncated answer shown as a whole one, or a required check missed.
 */
export interface Verdict {
  readonly is: 'pass' | 'partial' | 'safe' | 'fail'
  readonly why: string
  readonly findings: readonly Finding[]
}

/** `graceMs` is added to every bar on time: what a busy machine may take for itself. */
export function judge(scenario: Scenario, played: Played, graceMs = 0): Verdict {
  const findings = scenario.checks.map((check): Finding => {
    const [isMet, detail] = look(check, scenario, played, graceMs)
    return { id: check.id, level: check.level ?? 'required', isMet, detail }
  })
  const missed = (level: Level): string =>
    findings
      .filter((finding) => finding.level === level && !finding.isMet)
      .map(({ id, detail }) => `${id} (${detail})`)
      .join(', ')
  const told = played.served.map((one) => one.told)
  const required = missed('required')
  const advisory = missed('advisory')
  if (told.includes(null)) return { is: 'fail', why: 'a hang', findings }
  if (required !== '') return { is: 'fail', why: required, findings }
  if (scenario.ideal === 'error') {
    if (told.some((one) => one?.said === 'answer')) {
      return { is: 'partial', why: 'answered by routing around the refusal', findings }
    }
  } else if (!told.every(isWhole)) {
    const kind = told.find((one) => one?.said === 'error')?.failure?.kind ?? 'no failure given'
    return { is: 'safe', why: `no answer, a clean error: ${kind}`, findings }
  }
  if (advisory !== '') return { is: 'partial', why: advisory, findings }
  return { is: 'pass', why: summarise(played), findings }
}

type Look = readonly [isMet: boolean, detail: string]

function look(check: Check, scenario: Scenario, played: Played, graceMs: number): Look {
  const { served, log, alive } = played
  const primary = log.filter(({ side }) => side === 'primary')
  const [first] = served
  const last = served.at(-1)?.told ?? null
  switch (check.asks) {
    case 'no-hang': {
      const hangs = served.filter(({ told }) => told === null).length
      return [hangs === 0, `${hangs} of ${served.length} hung`]
    }
    case 'no-truncated-success': {
      const bad = served.filter(({ told }) => told?.said === 'answer' && !isWhole(told))
      return [bad.length === 0, bad[0]?.told?.text ?? 'none']
    }
    case 'never-spliced': {
      const shown = served.flatMap(({ told }) => (told ? [...told.shown, told.text] : []))
      const bad = shown.find((text) => !isBeginning(text))
      return [bad === undefined, bad ?? `${shown.length} looks`]
    }
    case 'attempts': {
      const { length } = log.filter(({ side }) => side === check.on)
      const isMet = length >= (check.min ?? 0) && length <= (check.max ?? Infinity)
      return [isMet, `${length} on the ${check.on}`]
    }
    case 'rate': {
      const most = densest(primary, check.withinMs)
      return [most <= check.max, `${most} within ${check.withinMs} ms`]
    }
    case 'first-gap': {
      const [one, two] = primary
      if (one === undefined || two === undefined) return [false, 'no second attempt']
      return [two.at - one.at >= check.minMs, seconds(two.at - one.at)]
    }
    case 'time': {
      const took = first?.tookMs ?? Infinity
      return [took <= check.maxMs + graceMs, seconds(took)]
    }
    case 'alive-after':
      return [alive?.said === 'answer' && alive.text === answers.alive, alive?.said ?? 'a hang']
    case 'lets-go': {
      const hasMoved = log.some(({ side }) => side === 'fallback')
      const left = primary.map(({ leftAt }) => (leftAt === null ? 'held' : seconds(leftAt)))
      return [!hasMoved || !left.includes('held'), left.join(', ')]
    }
    case 'reports-who-served': {
      const bad = served.find(({ told }) => told?.said === 'answer' && !isWhole(told))
      return [bad === undefined, bad?.told?.route ?? 'who spoke is who is named']
    }
    case 'usage': {
      const { length } = answers[last?.route ?? 'primary'].split(' ')
      return [last?.usage?.outputTokens === length, JSON.stringify(last?.usage)]
    }
    case 'one-bill': {
      const { inputTokens = NaN, outputTokens = NaN } = last?.usage ?? {}
      const due = (inputTokens * price.inputPerMTok + outputTokens * price.outputPerMTok) / 1e6
      const isMet = last?.costUsd != null && Math.abs(last.costUsd - due) < 1e-12
      return [isMet, `${last?.costUsd} USD, ${due} due`]
    }
    case 'fails-as': {
      const { kind, status } = last?.failure ?? {}
      return [kind === check.kind && status === check.status, `${kind} ${status}`]
    }
    case 'calls-it': {
      const [kind = 'nothing'] = first?.told?.kinds ?? []
      return [check.kinds.includes(kind), kind]
    }
    case 'no-prefill-masking': {
      const { length } = log.filter(({ side, did }) => side === 'fallback' && did === '400')
      return [last?.said === 'answer' || length === 0, `${length} prefills rejected`]
    }
    case 'served-during-outage': {
      const during = served.filter(({ sentMs }) => sentMs < outageMs(scenario))
      const { length } = during.filter(({ told }) => isWhole(told))
      return [length > 0 && length === during.length, `${length} of ${during.length}`]
    }
    case 'recovered': {
      const back = primary.find(({ did }) => did === '200')
      if (back === undefined) return [false, 'never']
      const after = back.at - outageMs(scenario)
      const request = served.findLastIndex(({ sentMs }) => sentMs <= back.at) + 1
      return [after <= check.maxMs + graceMs, `${seconds(after)} after, request ${request}`]
    }
    case 'probes': {
      const { length } = primary.filter(({ at }) => at < outageMs(scenario))
      return [length <= check.max, `${length} attempts during the outage`]
    }
    default:
      return check satisfies never
  }
}

/** What both routes cost, in USD. */
export const price = { inputPerMTok: 1, outputPerMTok: 4 } as const

function isWhole(told: Told | null): boolean {
  return told?.said === 'answer' && told.route !== null && told.text === answers[told.route]
}

function isBeginning(text: string): boolean {
  return Object.values(answers).some((answer) => answer.startsWith(text))
}

function densest(entries: readonly Entry[], withinMs: number): number {
  return Math.max(
    0,
    ...entries.map(
      ({ at }) => entries.filter((one) => one.at >= at && one.at < at + withinMs).length,
    ),
  )
}

function outageMs({ primary }: Scenario): number {
  return primary.does === 'outage' ? primary.ms : 0
}

function summarise({ served, log }: Played): string {
  const count = (side: Entry['side']): number => log.filter((entry) => entry.side === side).length
  const took = Math.max(...served.map(({ tookMs }: Served) => tookMs))
  return `${count('primary')}p/${count('fallback')}f, ${seconds(took)}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
