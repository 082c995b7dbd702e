import type { Sink } from '../../words/telemetry.ts'

/** Writes each report to the console, for development. */
export function toConsole(): Sink {
  return {
    name: 'console',
    send(batch) {
      for (const report of batch) console.info('[rungs]', report['row'], report['id'], report)
      return Promise.resolve('sent')
    },
  }
}
