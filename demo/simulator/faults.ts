/** What a route of the simulator can be told to do, in the words the page shows. */
export const faults = {
  healthy: 'Works',
  slow: 'Slow, but answers',
  'rate-limit': '429, try again in 20 s',
  'rate-limit-bare': '429, no hint when',
  'error-500': '500, internal error',
  'error-503': '503, overloaded',
  refused: 'Connection dropped',
  'hang-before-headers': 'No reply at all',
  'hang-after-headers': 'Says 200, then nothing',
  stall: 'Goes silent mid-answer',
  cut: 'Connection lost mid-answer',
  'error-event': 'Says 200, then an error',
  html: 'A web page instead',
  empty: 'An empty answer',
  'wrong-type': 'JSON where a stream was due',
} as const

export type Fault = keyof typeof faults

/** The faults in the order and the groups of the page's menus. */
export const faultGroups: readonly { readonly label: string; readonly faults: readonly Fault[] }[] =
  [
    { label: 'In order', faults: ['healthy', 'slow'] },
    {
      label: 'Turns the question away',
      faults: ['rate-limit', 'rate-limit-bare', 'error-500', 'error-503', 'refused'],
    },
    { label: 'Keeps it waiting', faults: ['hang-before-headers', 'hang-after-headers'] },
    { label: 'Breaks off', faults: ['stall', 'cut', 'error-event'] },
    { label: 'Answers nonsense', faults: ['html', 'empty', 'wrong-type'] },
  ]

/** The request header that carries the fault; without one a route works. */
export const FAULT_HEADER = 'x-sim-fault'

export function isFault(value: unknown): value is Fault {
  return typeof value === 'string' && Object.hasOwn(faults, value)
}
