import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { chromium } from 'playwright'
import { chromiumLaunch } from '../../scripts/chromium.ts'
import { bundle, openPlace } from '../trust/stage.ts'
import type { Secrets } from './page.ts'

/** A leak is any run of so many characters of a secret. */
const GRAM = 8
const BATCH = 50

export interface Findings {
  readonly cases: number
  /** How much was looked through, by where it was: all of it has to be there, or nothing is proven. */
  readonly bytes: Readonly<Record<'wire' | 'console' | 'products' | 'stored', number>>
  /** Where a secret was found, with what stood there. */
  readonly leaks: readonly string[]
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789'
const letters = (min: number, max = min): fc.Arbitrary<string> =>
  fc.string({
    minLength: min,
    maxLength: max,
    unit: fc.constantFrom(...LETTERS.split('')),
  })
/** Keys as providers make them. */
const key = fc.oneof(
  letters(48).map((tail) => `sk-${tail}`),
  letters(80).map((tail) => `sk-ant-api03-${tail}`),
  letters(60).map((tail) => `sk-proj-${tail}`),
  letters(35).map((tail) => `AIzaSy${tail}`),
  letters(52).map((tail) => `gsk_${tail}`),
  letters(80).map((tail) => `xai-${tail}`),
  letters(34).map((tail) => `hf_${tail}`),
  letters(60).map((tail) => `eyJhbGciOiJIUzI1NiJ9.eyJ${tail}.${tail}`),
)
/** What people and models say: words that no report has, with what breaks encoders between them. */
const text = fc
  .array(fc.oneof(letters(4, 12), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 })), {
    minLength: 4,
    maxLength: 12,
  })
  .map((words) => `zq ${words.join(' ')} qz`)
const url = fc
  .tuple(letters(6), letters(10), letters(16))
  .map(([host, path, token]) => `https://${host.toLowerCase()}.example/${path}?token=${token}`)
const secrets: fc.Arbitrary<Secrets> = fc.record({
  key,
  prompt: text,
  system: text,
  said: text,
  url,
  body: text,
  user: letters(8, 12).map((name) => `${name}@mail.example`),
  thread: letters(8, 12).map((name) => `${name}@thread.example`),
})

/**
 * Tells a page so many times secrets of its own, by every way in, and looks for any 8 characters of one of them in all
 * that leaves it: every byte on the wire, everything stored, the console, and what each product's client is given.
 */
export async function fuzz(cases: number, seed: number): Promise<Findings> {
  const files = await bundle(fileURLToPath(new URL('page.ts', import.meta.url)))
  const place = await openPlace((response, { path }) => {
    const code = files.get(path.slice(1))
    if (code !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    } else if (path === '/') {
      const page =
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
      response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    } else response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  const browser = await chromium.launch(chromiumLaunch())
  const bytes = { wire: 0, console: 0, products: 0, stored: 0 }
  const leaks: string[] = []
  try {
    const page = await browser.newPage()
    await page.goto(`${place.origin}/`)
    const all = fc.sample(secrets, { numRuns: cases, seed })
    let seen = place.got.length
    let before: ReadonlySet<string> = new Set()
    for (let from = 0; from < cases; from += BATCH) {
      const batch = all.slice(from, from + BATCH)
      const {
        console: lines,
        products,
        stored,
      } = await page.evaluate(([list, first]) => window.tellAll(list, first), [
        batch,
        from,
      ] as const)
      const grams = new Set(batch.flatMap((one) => gramsOf(one)))
      const wire = place.got
        .slice(seen)
        .map((got) => `${got.path} ${JSON.stringify(got.headers)} ${got.body}`)
      seen = place.got.length
      // What was stored, and what is sent late, may be of the cases before.
      const both = new Set([...before, ...grams])
      for (const [where, texts] of Object.entries({ wire, console: lines, products, stored })) {
        const whole = texts.join('\n')
        if (isPlace(bytes, where)) bytes[where] += whole.length
        leaks.push(...find(whole, both).map((found) => `${where}: ${found}`))
      }
      before = grams
    }
  } finally {
    await browser.close()
    await place.close()
  }
  return { cases, bytes, leaks }
}

function isPlace<Places extends object>(
  places: Places,
  name: string,
): name is Extract<keyof Places, string> {
  return Object.hasOwn(places, name)
}

/** Every piece of its secrets, but for those that anybody's text has. */
function gramsOf(one: Secrets): readonly string[] {
  return Object.values(one).flatMap((secret) => {
    const characters = secret.length
    const grams: string[] = []
    for (let at = 0; at + GRAM <= characters; at += 1) {
      const gram = secret.slice(at, at + GRAM)
      // Our own addresses begin like any other.
      const isCommon = gram.includes('://') || COMMON.some((common) => common.includes(gram))
      if (!isCommon) grams.push(gram)
    }
    return grams
  })
}
const COMMON = [
  'sk-ant-api03-',
  'sk-proj-',
  'eyJhbGciOiJIUzI1NiJ9.eyJ',
  '.example/',
  '@mail.example',
  '@thread.example',
  '?token=',
]

function find(whole: string, grams: ReadonlySet<string>): readonly string[] {
  const found: string[] = []
  for (let at = 0; at + GRAM <= whole.length && found.length < 5; at += 1) {
    if (grams.has(whole.slice(at, at + GRAM)))
      found.push(whole.slice(Math.max(0, at - 60), at + 40))
  }
  return found
}
