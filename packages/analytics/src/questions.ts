import { readdirSync, readFileSync } from 'node:fs'
import type { Dialect } from './columns.ts'

/** A question of the product team's: its name and how its answer is read, the first words of its SQL. */
export interface Question {
  readonly name: string
  readonly about: string
}

const folder = (dialect: Dialect): URL => new URL(`../sql/${dialect}/`, import.meta.url)

/** Every question that there is. */
export function questions(): readonly Question[] {
  return readdirSync(folder('duckdb'))
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => {
      const sql = readFileSync(new URL(file, folder('duckdb')), 'utf8')
      const comment = /^(?:--.*\n)+/.exec(sql)?.[0] ?? ''
      return {
        name: file.slice(0, -'.sql'.length),
        about: comment.replaceAll(/^-- ?/gm, '').trim(),
      }
    })
}

/** A question's SQL; null where there is none of that name. */
export function readQuestion(name: string, dialect: Dialect): string | null {
  if (!questions().some((one) => one.name === name)) return null
  return readFileSync(new URL(`${name}.sql`, folder(dialect)), 'utf8')
}
