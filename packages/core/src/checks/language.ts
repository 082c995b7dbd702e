import { isSameLanguage, isWrittenLike, legible } from '../policy/script.ts'
import type { Check } from '../words/policy.ts'

/** Says what language a text is in, as a BCP 47 or ISO 639 tag; nothing where it cannot tell. */
export type DetectLanguage = (
  text: string,
  context: { readonly signal: AbortSignal },
) => string | null | undefined | Promise<string | null | undefined>

/**
 * An answer is in a language; else it is `quality-floor`. Its letters are looked at first, which tells
 * Japanese from English, then a detector is asked: by default the browser's own, where it has one ready
 * (Chrome 138 on a desktop; nothing is downloaded for it). What nobody can tell passes: an answer of less
 * than 20 letters, or German instead of English where there is no detector.
 *
 * @param wanted a BCP 47 tag (`de`, `pt-BR`), or what gives one when an answer is there
 * @throws a RangeError for what is no tag
 * @example
 * checks: [language(() => document.documentElement.lang)]
 */
export function language(wanted: string | (() => string), detect: DetectLanguage = ask): Check {
  if (typeof wanted === 'string') void new Intl.Locale(wanted)
  return async ({ text }, context) => {
    const tag = typeof wanted === 'string' ? wanted : wanted()
    const prose = legible(text)
    if (prose === null) return { ok: true }
    if (!isWrittenLike(prose, tag)) {
      return { ok: false, reason: `It is not written in the letters of ${tag}.` }
    }
    const found = await detect(prose, context)
    return !found || isSameLanguage(found, tag)
      ? { ok: true }
      : { ok: false, reason: `It is in ${found}, not in ${tag}.` }
  }
}

/** https://webmachinelearning.github.io/translation-api/#language-detection */
interface Api {
  availability(): Promise<string>
  create(options: { readonly signal: AbortSignal }): Promise<{
    detect(
      text: string,
      options: { readonly signal: AbortSignal },
    ): Promise<readonly { readonly detectedLanguage: string; readonly confidence: number }[]>
    destroy(): void
  }>
}

/** The browser's detector confuses close languages; below this it cannot tell. */
const LEAST_CONFIDENCE = 0.7

async function ask(
  text: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | null> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- too new for TypeScript's own types
  const { LanguageDetector: api } = globalThis as { readonly LanguageDetector?: Api }
  if ((await api?.availability()) !== 'available') return null
  const detector = await api?.create({ signal })
  const [first] = (await detector?.detect(text, { signal })) ?? []
  detector?.destroy()
  return first && first.confidence >= LEAST_CONFIDENCE ? first.detectedLanguage : null
}
