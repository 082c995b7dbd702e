import { FIELDS, otelName, type Field } from '@rungs/core/telemetry'

/** The two tables: one row per run, one per attempt. */
export const TABLES = { run: 'runs', attempt: 'attempts' } as const
export type Row = keyof typeof TABLES
export const ROWS: readonly Row[] = ['run', 'attempt']

export type Dialect = 'duckdb' | 'clickhouse'

/** What a run's own fields are gathered in: the product's names are no columns. */
export const OWN = { attributes: 'attribute', signals: 'signal' } as const

const NEVER_NULL = new Set([
  'id',
  'revision',
  'started_at',
  'workload',
  'sample_weight',
  'run',
  'attempt',
  'attempts',
  'route',
  'status',
])

/** Without these a row says nothing. A run that never came to a route has none. */
export const NEEDED: Readonly<Record<Row, readonly string[]>> = {
  run: neededIn('run').filter((field) => field !== 'route'),
  attempt: neededIn('attempt'),
}
function neededIn(row: Row): readonly string[] {
  return Object.keys(FIELDS[row]).filter((field) => NEVER_NULL.has(field))
}

/** A field's column: dots are for names, not for SQL. */
export function columnOf(field: string): string {
  return field.replaceAll('.', '_')
}

function typeOf(field: Field, dialect: Dialect): string {
  const isDuck = dialect === 'duckdb'
  switch (field.type) {
    case 'id':
      return isDuck ? 'VARCHAR' : 'String'
    case 'name':
    case 'word':
      return isDuck ? 'VARCHAR' : 'LowCardinality(String)'
    case 'flag':
      return isDuck ? 'BOOLEAN' : 'Bool'
    case 'number':
      return isDuck ? 'DOUBLE' : 'Float64'
    case 'step':
      return isDuck ? 'INTEGER' : 'Int32'
    case 'whole':
      if (field.to < 2 ** 31) return isDuck ? 'INTEGER' : 'Int32'
      return isDuck ? 'BIGINT' : 'Int64'
    default:
      return field satisfies never
  }
}

function nullable(type: string): string {
  return type.startsWith('LowCardinality')
    ? 'LowCardinality(Nullable(String))'
    : `Nullable(${type})`
}

interface Column {
  readonly field: string
  readonly column: string
  readonly type: string
}

/** Every column of a table, with its type; `row` and `schema` are told by the table and its version. */
export function columnsOf(row: Row, dialect: Dialect): readonly Column[] {
  const columns = Object.entries(FIELDS[row])
    .filter(([field]) => field !== 'row')
    .map(([field, of]) => {
      const type = typeOf(of, dialect)
      const isNullable = dialect === 'clickhouse' && !NEEDED[row].includes(field)
      return { field, column: columnOf(field), type: isNullable ? nullable(type) : type }
    })
  if (row === 'attempt') return columns
  const maps =
    dialect === 'duckdb'
      ? { attributes: 'MAP(VARCHAR, VARCHAR)', signals: 'MAP(VARCHAR, DOUBLE)' }
      : { attributes: 'Map(String, String)', signals: 'Map(String, Float64)' }
  return [
    ...columns,
    ...Object.entries(maps).map(([column, type]) => ({ field: column, column, type })),
  ]
}

/** Where declared names are stored, by the field that they are counted under. */
export function nameSources(): readonly {
  readonly field: string
  readonly table: string
  readonly values: string
}[] {
  const columns = ROWS.flatMap((row) =>
    Object.entries(FIELDS[row])
      .filter(([, { type }]) => type === 'name')
      .map(([field]) => ({ field, table: TABLES[row], values: columnOf(field) })),
  )
  const own = Object.entries(OWN).map(([column, family]) => ({
    field: `${family}.`,
    table: TABLES.run,
    values: `unnest(map_keys(${column}))`,
  }))
  return [...columns, ...own]
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join(',\n')
}

/** The DuckDB tables, where they are not there yet. */
export function duckdbSchema(): string {
  return ROWS.map((row) => {
    const columns = columnsOf(row, 'duckdb').map(
      ({ column, type }) => `${column} ${type}${column === 'id' ? ' PRIMARY KEY' : ''}`,
    )
    return `CREATE TABLE IF NOT EXISTS ${TABLES[row]} (\n${listed([...columns, 'received_at BIGINT'])}\n);`
  }).join('\n')
}

/** Takes a batch as JSON: a row that is there already changes only for a higher revision. */
export function duckdbInsert(row: Row): { readonly sql: string; readonly shape: string } {
  const columns = columnsOf(row, 'duckdb')
  const names = columns.map(({ column }) => column)
  const table = TABLES[row]
  return {
    shape: JSON.stringify(Object.fromEntries(columns.map(({ column, type }) => [column, type]))),
    sql: `INSERT INTO ${table} (${names.join(', ')}, received_at)
SELECT ${names.map((name) => `one.${name}`).join(', ')}, $received_at
FROM (SELECT from_json(line, $shape) AS one FROM (SELECT unnest($batch::JSON[]) AS line))
QUALIFY row_number() OVER (PARTITION BY one.id ORDER BY one.revision DESC) = 1
ON CONFLICT (id) DO UPDATE SET ${[...names, 'received_at']
      .filter((name) => name !== 'id')
      .map((name) => `${name} = excluded.${name}`)
      .join(', ')}
WHERE excluded.revision > ${table}.revision`,
  }
}

/**
 * The ClickHouse tables. Of rows with one id the highest revision stays: at once for a query that says FINAL,
 * in storage after merges. They live 180 days. Tables of an older version get the columns that they lack.
 */
export function clickhouseSchema(): string {
  return ROWS.map((row) => {
    const columns = columnsOf(row, 'clickhouse').map(({ column, type }) => `${column} ${type}`)
    const added = columns.map((column) => `ADD COLUMN IF NOT EXISTS ${column}`)
    return `CREATE TABLE IF NOT EXISTS ${TABLES[row]} (
${listed([...columns, 'received_at Int64 DEFAULT toUnixTimestamp64Milli(now64(3))'])}
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(started_at))
ORDER BY (workload, id)
TTL toDateTime(fromUnixTimestamp64Milli(started_at)) + INTERVAL 180 DAY;

ALTER TABLE ${TABLES[row]}
${listed(added)};`
  }).join('\n\n')
}

/** Takes the Parquet files that `exportTo` wrote into the ClickHouse tables. */
export function clickhouseImport(row: Row, path: string): string {
  const names = [...columnsOf(row, 'clickhouse').map(({ column }) => column), 'received_at'].join(
    ', ',
  )
  return `INSERT INTO ${TABLES[row]} (${names})
SELECT ${names} FROM file('${path}', Parquet)`
}

/**
 * What fills those tables from `otel_logs`, as the OpenTelemetry Collector's ClickHouse exporter writes it:
 * each row of ours is a log record whose attributes are its fields. Made anew each time, with the columns of now.
 */
export function clickhouseViews(): string {
  return ROWS.map((row) => {
    const columns = columnsOf(row, 'clickhouse')
    // A record of anybody's that lacks what a row needs is passed over: it must not hold up its batch.
    const needed = columns
      .filter(({ field }) => NEEDED[row].includes(field))
      .map(({ field, type }) => `${read(field, type)} IS NOT NULL`)
    const values = columns.map(({ field, column, type }) => {
      if (isOwn(field)) return `${ownMap(field, type)} AS ${column}`
      const isNullable = type.includes('Nullable')
      return `${isNullable ? read(field, type) : `assumeNotNull(${read(field, type)})`} AS ${column}`
    })
    return `DROP VIEW IF EXISTS ${TABLES[row]}_from_otel;

CREATE MATERIALIZED VIEW ${TABLES[row]}_from_otel TO ${TABLES[row]} AS
SELECT
${listed(values)}
FROM otel_logs
WHERE LogAttributes['${otelName('row')}'] = '${row}'
  AND ${needed.join('\n  AND ')};`
  }).join('\n\n')
}

/** A field of a log record, null where it is not there or does not fit. */
function read(field: string, type: string): string {
  const value = `LogAttributes['${otelName(field)}']`
  const plain = type.replace(/^Nullable\((.*)\)$/, '$1')
  return plain.includes('String')
    ? `nullIf(${value}, '')`
    : `accurateCastOrNull(${value}, '${plain}')`
}

function isOwn(field: string): field is keyof typeof OWN {
  return Object.hasOwn(OWN, field)
}

function ownMap(column: keyof typeof OWN, type: string): string {
  const prefix = otelName(`${OWN[column]}.`)
  const found = `mapFilter((k, v) -> startsWith(k, '${prefix}'), LogAttributes)`
  const value = type.includes('Float64') ? 'toFloat64OrZero(v)' : 'v'
  return `mapApply((k, v) -> (substring(k, ${prefix.length + 1}), ${value}), ${found})`
}
