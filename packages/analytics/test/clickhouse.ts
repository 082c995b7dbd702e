import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clickhouseImport, clickhouseSchema, ROWS, TABLES } from '../src/columns.ts'
import { readQuestion } from '../src/questions.ts'
import type { Answer, Store } from '../src/store.ts'

/** A ClickHouse inside this process. */
export interface ClickHouse {
  run(sql: string): void
  select(sql: string): readonly Answer[]
  /** A question by its name. */
  ask(name: string): readonly Answer[]
  close(): void
}

/** Null, told once, where no ClickHouse can be loaded: on a platform that chdb is not built for. */
export async function openClickHouse(): Promise<ClickHouse | null> {
  const chdb = await import('chdb').catch((error: unknown) => {
    console.warn('skipped: no ClickHouse can be loaded here', error)
    return null
  })
  if (!chdb) return null
  const session = new chdb.Session()
  const run = (sql: string): void => {
    for (const statement of sql.split(/;\n+/)) {
      if (statement.trim() !== '') session.query(statement.replace(/;\s*$/, ''))
    }
  }
  const select = (sql: string): readonly Answer[] => JSON.parse(session.query(sql, 'JSON')).data
  return {
    run,
    select,
    ask(name) {
      const sql = readQuestion(name, 'clickhouse')
      if (sql === null) throw new Error(`there is no question ${name}`)
      return select(sql)
    },
    close() {
      session.cleanup()
    },
  }
}

/** Moves what a store holds to ClickHouse as the docs say: by Parquet. */
export async function moveTo(clickhouse: ClickHouse, store: Store): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rungs-parquet-'))
  try {
    clickhouse.run(clickhouseSchema())
    await store.exportTo(folder)
    for (const row of ROWS)
      clickhouse.run(clickhouseImport(row, join(folder, `${TABLES[row]}.parquet`)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * The first figure that the two answers do not have in common, to `within` of it; null where they agree. To
 * ClickHouse a comparison is 0 or 1.
 */
export function difference(
  one: readonly Answer[],
  other: readonly Answer[],
  within: number,
): string | null {
  if (one.length !== other.length) return `${one.length} rows and ${other.length}`
  for (const [index, row] of one.entries()) {
    for (const [key, value] of Object.entries(row)) {
      const beside = other[index]?.[key]
      const isNear =
        typeof value === 'number' && typeof beside === 'number'
          ? Math.abs(value - beside) <= within * Math.max(1, Math.abs(value))
          : value === beside || (typeof value === 'boolean' && Number(value) === beside)
      if (!isNear) return `row ${index}, ${key}: ${value} and ${beside}`
    }
  }
  return null
}
