/**
 * What a function of the product's threw, and where, for the console: not its message, which may quote a
 * prompt, an answer or a key, and consoles are sent to other services.
 */
export function describeThrown(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  // These are what the product made of them, whatever their types say.
  const { name, message, stack }: Record<'name' | 'message' | 'stack', unknown> = {
    name: error.name,
    message: error.message,
    stack: error.stack,
  }
  const kind = typeof name === 'string' && /^\w{1,40}$/.test(name) ? name : 'Error'
  if (typeof stack !== 'string') return kind
  const spoken = typeof message === 'string' ? message : ''
  const start = stack.includes(spoken) ? stack.indexOf(spoken) + spoken.length : 0
  const frames = stack.slice(start).split('\n')
  return [kind, ...frames.filter((frame) => /:\d+:\d+\)?$/.test(frame))].join('\n')
}

/** A listener of the product's that throws is the product's bug: it is told, and changes nothing of the run. */
export function isolated(task: () => void): void {
  try {
    task()
  } catch (error) {
    console.error('[rungs] a listener threw', describeThrown(error))
  }
}
