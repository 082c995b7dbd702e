/** The last part of a name, without what only says where, how and in which build it is served. */
function bare(model: string): string {
  return model
    .toLowerCase()
    .replace(/^(?:.*\/)?(?:[a-z]+\.)*|(?:[:@][a-z]+|-latest|-00\d|\.gguf)$/g, '')
    .replace(/[^a-z\d]+/g, '-')
}

/** `-2025-08-07`, `-20250929-v1:0`, `-0613`. */
function undated(name: string): string {
  return name.replace(/-(?:20\d\d-?\d\d-?\d\d.*|\d{4}(?:-preview)?)$/, '')
}

/**
 * Whether the model that answers is the one that was asked for. Hosts write one name in many ways: with a
 * provider or a folder before it, with a date or a tag behind it, in other letters. A date that was asked for
 * is part of the name. A name without a digit names no version (`openrouter/auto`, `mistral-large-latest`):
 * whatever stands behind it was asked for.
 */
export function isSameModel(asked: string, served: string): boolean {
  const own = bare(asked)
  const other = bare(served)
  return (
    !/\d/.test(asked) ||
    undated(own) === other ||
    [other, undated(other)].some((end) => `-${own}`.endsWith(`-${end}`))
  )
}
