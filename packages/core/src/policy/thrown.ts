/**
 * What a function of the product's threw, and where, for the console: not its message, which may quote a
 * prompt, an answer or a key, and consoles are sent to other services.
 */
export function describeThrown(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { name, message, stack = '' } = error
  const start = stack.includes(message) ? stack.indexOf(message) + message.length : 0
  const frames = stack.slice(start).split('\n')
  return [name, ...frames.filter((frame) => /:\d+:\d+\)?$/.test(frame))].join('\n')
}
