/** Fewer letters tell nothing. */
const LEAST_LETTERS = 20
/** What is looked at of an answer, characters. */
const SAMPLE = 4_000
/** Latin letters stand in answers of every language (names, code), so a script of its own needs few. */
const LEAST_SHARE = { latin: 0.5, own: 0.1 }

/** What tells languages that are written in several scripts at once (ISO 15924). */
const SCRIPTS: Readonly<Record<string, string>> = {
  Hans: '\\p{sc=Han}',
  Hant: '\\p{sc=Han}',
  Jpan: '[\\p{sc=Hira}\\p{sc=Kana}]',
  Kore: '\\p{sc=Hang}',
}

function count(text: string, pattern: string): number {
  return text.match(new RegExp(pattern, 'gu'))?.length ?? 0
}

/** The part of a text that a language can be told by: no code, and enough letters; else null. */
export function legible(text: string): string | null {
  const prose = text.slice(0, SAMPLE).replaceAll(/```[^]*?(?:```|$)/g, ' ')
  return count(prose, '\\p{L}') < LEAST_LETTERS ? null : prose
}

/**
 * Whether a text is written in the letters of a language (a BCP 47 tag). It tells Japanese from English, and
 * not German from English.
 */
export function isWrittenLike(prose: string, tag: string): boolean {
  const { script } = new Intl.Locale(tag).maximize()
  if (script === undefined) return true
  const letters = count(prose, '\\p{L}')
  const own = count(prose, SCRIPTS[script] ?? `\\p{sc=${script}}`)
  // Japanese has many of the letters of Chinese, and always some of its own.
  const isHan = script === 'Hans' || script === 'Hant'
  if (isHan && count(prose, SCRIPTS['Jpan'] ?? '') > own * LEAST_SHARE.own) return false
  return own / letters >= (script === 'Latn' ? LEAST_SHARE.latin : LEAST_SHARE.own)
}

/** Whether two tags are of one language; true where one of them is none. */
export function isSameLanguage(one: string, other: string): boolean {
  const [first, second] = [baseOf(one), baseOf(other)]
  return first === null || second === null || first === second
}

function baseOf(tag: string): string | null {
  try {
    const { language } = new Intl.Locale(tag)
    // Detectors say Norwegian of both.
    return language === 'und' ? null : language.replace(/^n[bn]$/, 'no')
  } catch {
    return null
  }
}
