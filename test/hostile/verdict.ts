import type { Played } from './drive.ts'

/** What memory a run may take beyond what it keeps, MiB; what it may leave behind; the longest task, ms. */
const HEAP_MIB = 16
const LEFT_MIB = 8
export const TASK_MS = 50

/** What is wrong with what came of a case; the time of tasks apart. */
export function faultsOf({ of, report, requests, sentBytes, isLeft }: Played): readonly string[] {
  if (!report) return ['the client died or was stuck']
  const { ends, input } = of
  const faults: string[] = []
  const must = (isSo: boolean, what: string): void => {
    if (!isSo) faults.push(what)
  }
  const { status, kind, phase, httpStatus, text, length, calls, skipped } = report
  if ('fails' in ends) {
    const retryAfterMs = ends.retryAfterMs === undefined ? report.retryAfterMs : ends.retryAfterMs
    const how = ends.isKept ? 'partial' : 'failed'
    must(status === how && kind === ends.fails, `${status} ${kind}, not ${ends.fails}`)
    must(kind === null || phase === ends.phase, `in phase ${phase}, not ${ends.phase}`)
    must(ends.status === undefined || ends.status === httpStatus, `status ${httpStatus}`)
    must(report.retryAfterMs === retryAfterMs, `retry after ${report.retryAfterMs} ms`)
  } else {
    const isText =
      typeof ends.says === 'string' ? text === ends.says.slice(0, 100) : length === ends.says
    const wanted = typeof ends.says === 'string' ? ends.says.length : ends.says
    must(status === 'completed', `${status} ${kind ?? ''} in ${phase ?? ''}`)
    must(isText && length === wanted, `${length} characters: ${JSON.stringify(text.slice(0, 40))}`)
    must(calls === (ends.calls ?? 0), `${calls} calls`)
    must(ends.skipped === undefined || skipped === ends.skipped, `${skipped} events passed over`)
  }
  faults.push(...report.flaws)
  must(!report.isHung, 'it hung')
  must(requests === 1, `${requests} requests`)
  must(isLeft, 'the connection stayed open')
  must(
    sentBytes <= (input.withinBytes ?? Infinity),
    `${(sentBytes / 2 ** 20).toFixed(0)} MiB were read`,
  )
  must(report.heapMiB <= HEAP_MIB, `${report.heapMiB.toFixed(1)} MiB of memory`)
  must(report.leftMiB <= LEFT_MIB, `${report.leftMiB.toFixed(1)} MiB left behind`)
  return faults
}
