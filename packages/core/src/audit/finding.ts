import type { Config } from '../words/policy.ts'
import type { Scene, Setting } from './scene.ts'

/** Something about a config that will go wrong (`error`) or that nobody can have meant (`warning`). */
export interface Finding {
  readonly level: 'error' | 'warning'
  /** Where in the config. */
  readonly path: string
  /** For a product person. */
  readonly message: string
}

/** Takes a finding, and the setting that it was made in, where it is of one. */
export type Note = (
  level: Finding['level'],
  path: string,
  message: string,
  setting?: Setting,
) => void

export interface Look<Name extends string = string> {
  readonly config: Config<Name, string, string>
  readonly scenes: readonly Scene<Name>[]
  readonly note: Note
}

export interface Notebook {
  readonly note: Note
  /** What is wanted of it, by what was found and where. */
  readonly findings: (
    isWanted: (finding: Finding, made: readonly Setting[]) => boolean,
  ) => readonly Finding[]
}

/** What holds for every tier and arm of a workload is said once; what holds for some says for which. */
export function createNotebook(settings: readonly Setting[]): Notebook {
  const notes = new Map<string, { readonly finding: Finding; readonly made: Setting[] }>()
  return {
    note(level, path, message, setting) {
      const key = JSON.stringify([level, path, message])
      const known = notes.get(key) ?? { finding: { level, path, message }, made: [] }
      if (setting) known.made.push(setting)
      notes.set(key, known)
    },
    findings: (isWanted) =>
      [...notes.values()].flatMap(({ finding, made }) => {
        if (!isWanted(finding, made)) return []
        const { level, path, message } = finding
        const workloads = new Set(made.map(({ workload }) => workload))
        const all = settings.filter(({ workload }) => workloads.has(workload))
        const told = made.map((one) => labelOf(one, path)).filter((label) => label !== '')
        const isOfAll = made.length === all.length || told.length === 0
        return isOfAll ? finding : { level, path, message: `${message} (${told.join('; ')})` }
      }),
  }
}

/** Which tier and arm, where the path does not say so already. */
function labelOf({ tier, arm }: Setting, path: string): string {
  return [
    tier === null || path.startsWith(`tiers.${tier}.`) ? [] : `tier ${tier}`,
    arm === null || path.includes(`.arms.${arm}.`) ? [] : `arm ${arm}`,
  ]
    .flat()
    .join(', ')
}

/** Where a field that a tier may replace has its value from. */
export function placeOf(
  { config }: Look,
  { workload, tier }: Setting,
  field: 'limits' | 'on' | 'ask',
  key: string,
): string {
  const own: object = (tier === null ? undefined : config.tiers?.[tier]?.[field]) ?? {}
  const isOwn = new Map(Object.entries(own)).get(key) !== undefined
  return `${isOwn ? `tiers.${tier}` : `workloads.${workload}`}.${field}.${key}`
}

export function usd(amount: number): string {
  return `${Number(amount.toPrecision(2))} USD`
}
export function seconds(ms: number): string {
  const whole = Math.round(ms)
  return whole < 1000 ? `${whole} ms` : `${Number((whole / 1000).toPrecision(2))} s`
}
