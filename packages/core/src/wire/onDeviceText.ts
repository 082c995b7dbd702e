import { judged } from '../policy/fault.ts'

/**
 * Makes text of chunks that each hold what is new, as the standard has it and sessions with
 * `contextUsage` do, or the whole text so far, as it was at first. Where the session does not
 * say, the chunks do: the whole is what grows twice over a text of some letters. A chunk that
 * grows but could be either is held until the next.
 */
export function createText(
  session: { readonly contextUsage?: number },
  tell: (text: string) => void,
): { readonly put: (chunk: string) => void; readonly end: () => void } {
  let form: 'unknown' | 'new' | 'whole' = session.contextUsage === undefined ? 'unknown' : 'new'
  let told = ''
  let held: string[] = []

  function tellNew(chunk: string): void {
    tell(held.join('') + chunk)
    held = []
    form = 'new'
  }
  function tellWhole(chunk: string): void {
    // Neither form; nothing of this can be told for true.
    if (!chunk.startsWith(told)) throw judged('invalid-response')
    tell(chunk.slice(told.length))
    told = chunk
    held = []
    form = 'whole'
  }
  return {
    put(chunk) {
      const last = held.at(-1) ?? told
      if (form === 'whole') tellWhole(chunk)
      else if (form === 'new') tell(chunk)
      else if (last === '') {
        told = chunk
        tell(chunk)
      } else if (chunk.length <= last.length || !chunk.startsWith(last)) tellNew(chunk)
      else if (held.length > 0 && last.length > 3 && /\p{L}/u.test(last)) tellWhole(chunk)
      else held.push(chunk)
    },
    end() {
      const last = held.at(-1)
      if (last === undefined) return
      if (/\p{L}{3}/u.test(told)) tellWhole(last)
      else tellNew('')
    },
  }
}
