/**
 * Loads what reads JSON that is still coming. On demand: only products that ask for structured output
 * pay for it. Until it is here, and where a text is no JSON, the object is null.
 */
export async function loadPartial(): Promise<(text: string) => unknown> {
  const { parse } = await import('partial-json')
  return (text) => {
    try {
      return parse(text)
    } catch {
      // Not JSON, or too deep to follow: there is nothing to show.
      return null
    }
  }
}
