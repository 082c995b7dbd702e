#!/usr/bin/env node
import { parseArgs, styleText } from 'node:util'
import { examine } from '../audit/examine.ts'
import { oneOf } from '../config/checks.ts'
import { loadConfig, Refusal } from './load.ts'
import { tellAudit, type Paint } from './table.ts'

const USAGE = `rungs audit [file] [--tier name] [--workload name] [--json]

  What a config does about every failure, before one happens.
  file        exports a config by default or as "config"; default rungs.config.ts
  --tier      only this tier
  --workload  only this workload
  --json      rows and findings as JSON

  Exits with 1 on a gap or an error, with 2 where it could not look.
`

/** What there is to say, and the code to leave with. */
interface Answer {
  readonly code: 0 | 1 | 2
  readonly out?: string
  readonly err?: string
}

async function answer(words: readonly string[]): Promise<Answer> {
  const { values, positionals } = parse(words)
  const [command, file = 'rungs.config.ts', ...rest] = positionals
  if (values.help) return { code: 0, out: USAGE }
  if (command !== 'audit' || rest.length > 0) return { code: 2, err: USAGE }
  const config = await loadConfig(file)
  const found = examine(config, values)
  demand('tier', values.tier, Object.keys(config.tiers ?? {}))
  demand('workload', values.workload, Object.keys(config.workloads))
  const isBroken =
    found.rows.some(({ isGap }) => isGap) || found.findings.some(({ level }) => level === 'error')
  const out = values.json ? `${JSON.stringify(found, null, 2)}\n` : tellAudit(found, paint)
  return { code: isBroken ? 1 : 0, out }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        tier: { type: 'string' },
        workload: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new Refusal(error instanceof Error ? error.message : USAGE)
  }
}

function demand(what: string, name: string | undefined, known: readonly string[]): void {
  oneOf(what, known)(name, `--${what}`, (path, message) => {
    throw new Refusal(`${path}: ${message}`)
  })
}

const paint: Paint = (style, text) =>
  process.stdout.isTTY && process.stdout.hasColors() ? styleText(style, text) : text

function refused(error: unknown): Answer {
  if (error instanceof Refusal) return { code: 2, err: `rungs: ${error.message}\n` }
  // The config is wrong, and the message says where.
  if (error instanceof TypeError) return { code: 1, err: `rungs: ${error.message}\n` }
  throw error
}

const { code, out = '', err = '' } = await answer(process.argv.slice(2)).catch(refused)
process.stderr.write(err)
// A config may hold on to timers and sockets, which are of no use any more.
process.stdout.write(out, () => process.exit(code))
