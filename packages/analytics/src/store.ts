import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection, type JS } from '@duckdb/node-api'
import type { Checked } from './check.ts'
import {
  columnsOf,
  duckdbInsert,
  duckdbSchema,
  nameSources,
  ROWS,
  TABLES,
  type Row,
} from './columns.ts'

/** One row of an answer. */
export type Answer = Readonly<Record<string, string | number | boolean | null>>

/** What a collector hands rows to. */
export interface Keeper {
  /**
   * Resolves when the rows are where they belong; rejects when none is. A row that is there already, or newer,
   * is left: whoever does not hear of this can send the same again.
   */
  write(rows: readonly Checked[]): Promise<void>
  /** The values of each name field so far. */
  names(): Promise<ReadonlyMap<string, ReadonlySet<string>>>
  count(): Promise<Readonly<Record<Row, number>>>
  /** After what is being written. */
  close(): Promise<void>
}

/** The reports in one DuckDB file. */
export interface Store extends Keeper {
  /** Runs one SELECT, over the last `days` only where given. */
  query(sql: string, days?: number): Promise<readonly Answer[]>
  /** Writes `runs.parquet` and `attempts.parquet` into a folder. */
  exportTo(folder: string): Promise<void>
}

/** So many rows go into one transaction, however many batches they came in. */
const MOST_ROWS = 20_000
/** More rows than this waiting to be written, and the next are turned away. */
const MOST_WAITING = 100_000

interface Waiting {
  readonly rows: readonly Checked[]
  readonly done: (error?: unknown) => void
}

/**
 * Open, or make, a file of reports; `:memory:` keeps none. One process at a time may have it.
 *
 * @param now epoch ms
 */
export async function openStore(path: string, now: () => number = Date.now): Promise<Store> {
  const instance = await DuckDBInstance.create(path)
  const writer = await instance.connect()
  await writer.run(duckdbSchema())
  for (const row of ROWS) {
    const there = await select(writer, `SELECT column_name AS name FROM (DESCRIBE ${TABLES[row]})`)
    const names = new Set(there.map(({ name }) => name))
    // A file of an older version lacks the columns that are new since.
    for (const { column, type } of columnsOf(row, 'duckdb').filter(
      (one) => !names.has(one.column),
    )) {
      await writer.run(`ALTER TABLE ${TABLES[row]} ADD COLUMN ${column} ${type}`)
    }
  }
  const [here] = await select(writer, 'SELECT current_database() AS name')
  /** Where the tables are found although a view has their name. */
  const tables = `"${here?.['name']}".main`
  const inserts = { run: duckdbInsert('run'), attempt: duckdbInsert('attempt') }
  let waiting: Waiting[] = []
  let waitingRows = 0
  let writing: Promise<void> | null = null

  async function insert(rows: readonly Checked[]): Promise<void> {
    await writer.run('BEGIN')
    try {
      for (const row of ROWS) {
        const batch = rows.filter((one) => one.row === row).map(({ columns }) => columns)
        if (batch.length === 0) continue
        const { sql, shape } = inserts[row]
        await writer.run(sql, { batch: JSON.stringify(batch), shape, received_at: BigInt(now()) })
      }
      await writer.run('COMMIT')
    } catch (error) {
      await writer.run('ROLLBACK')
      throw error
    }
  }
  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const taken: Waiting[] = []
      for (let size = 0; size < MOST_ROWS && waiting.length > 0;) {
        const next = waiting.shift()
        if (!next) break
        taken.push(next)
        size += next.rows.length
      }
      let failure: unknown
      try {
        await insert(taken.flatMap(({ rows }) => rows))
      } catch (error) {
        failure = error
      }
      for (const { rows, done } of taken) {
        waitingRows -= rows.length
        done(failure)
      }
    }
    writing = null
  }

  async function connected<Result>(
    task: (connection: DuckDBConnection) => Promise<Result>,
  ): Promise<Result> {
    const connection = await instance.connect()
    try {
      return await task(connection)
    } finally {
      connection.closeSync()
    }
  }

  return {
    write: (rows) =>
      new Promise((resolve, reject) => {
        if (rows.length === 0) {
          resolve()
          return
        }
        if (waitingRows + rows.length > MOST_WAITING) {
          reject(new Error('more is coming than can be written'))
          return
        }
        waitingRows += rows.length
        waiting.push({
          rows,
          done: (error) => {
            if (error === undefined) resolve()
            else reject(error)
          },
        })
        writing ??= drain()
      }),
    query: (sql, days) =>
      connected(async (connection) => {
        if (days !== undefined) {
          const since = Math.round(now() - days * 86_400_000)
          // A temporary view is found before the table that it hides; the rest of `sql` stays as it is.
          for (const table of Object.values(TABLES)) {
            await connection.run(
              `CREATE TEMP VIEW ${table} AS FROM ${tables}.${table} WHERE started_at >= ${since}`,
            )
          }
        }
        return select(connection, sql)
      }),
    names: () =>
      connected(async (connection) => {
        const sources = nameSources().map(
          ({ field, table, values }) =>
            `SELECT '${field}' AS field, ${values} AS name FROM ${table}`,
        )
        const found = await select(
          connection,
          `SELECT DISTINCT field, name FROM (${sources.join(' UNION ALL ')}) WHERE name IS NOT NULL`,
        )
        const names = new Map<string, Set<string>>()
        for (const { field, name } of found) {
          names.set(`${field}`, (names.get(`${field}`) ?? new Set()).add(`${name}`))
        }
        return names
      }),
    count: () =>
      connected(async (connection) => {
        const [row] = await select(
          connection,
          'SELECT (SELECT count(*) FROM runs)::INTEGER AS run, (SELECT count(*) FROM attempts)::INTEGER AS attempt',
        )
        return { run: Number(row?.['run']), attempt: Number(row?.['attempt']) }
      }),
    exportTo: (folder) =>
      connected(async (connection) => {
        for (const table of Object.values(TABLES)) {
          const target = join(folder, `${table}.parquet`).replaceAll("'", "''")
          await connection.run(`COPY ${table} TO '${target}' (FORMAT parquet)`)
        }
      }),
    async close() {
      await writing
      writer.closeSync()
      instance.closeSync()
    },
  }
}

async function select(connection: DuckDBConnection, sql: string): Promise<readonly Answer[]> {
  const reader = await connection.runAndReadAll(sql)
  return reader
    .getRowObjectsJS()
    .map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plain(value)])),
    )
}

function plain(value: JS): Answer[string] {
  if (typeof value === 'bigint') return Number(value)
  return value === null || typeof value !== 'object' ? value : JSON.stringify(value)
}
