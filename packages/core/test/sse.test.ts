import { describe, expect, test } from 'vitest'
import { createSse } from '../src/wire/sse.ts'

type Told = readonly [what: string, text: string]

/** What is told of a text that comes in these pieces. */
function told(...pieces: readonly string[]): readonly Told[] {
  const all: Told[] = []
  const sse = createSse(
    (data, name) => {
      all.push([name ?? 'event', data])
    },
    (text) => {
      all.push(['object', text])
    },
    () => {
      all.push(['broken', ''])
    },
  )
  for (const piece of pieces) sse.feed(piece)
  sse.end()
  return all
}

const PRETTY = JSON.stringify(
  { error: { code: 503, message: 'a } and a \\" {', d: [[1]] } },
  null,
  2,
)

describe('a stream', () => {
  test.each<[string, string, readonly Told[]]>([
    [
      'events alone',
      'data: {"a":1}\n\n: {"ping"}\n\nevent: x\ndata: [DONE]\n\n',
      [
        ['event', '{"a":1}'],
        ['x', '[DONE]'],
      ],
    ],
    [
      'an object between events',
      `data: 1\n\n${PRETTY}\n\ndata: 2\n\n`,
      [
        ['event', '1'],
        ['object', PRETTY],
        ['event', '2'],
      ],
    ],
    [
      'an object right after an event that lacks its blank line',
      `data: 1\n${PRETTY}`,
      [
        ['event', '1'],
        ['object', PRETTY],
      ],
    ],
    [
      'a list of one object at its end',
      `data: 1\n\n[${PRETTY}\n]\n`,
      [
        ['event', '1'],
        ['object', PRETTY],
      ],
    ],
    [
      'a list alone, laid out and not',
      `[${PRETTY}\n,\n{"b": "]"},{"c":{}}]\n`,
      [
        ['object', PRETTY],
        ['object', '{"b": "]"}'],
        ['object', '{"c":{}}'],
      ],
    ],
    [
      'prose in brackets',
      'data: 1\n\n[ERROR] it broke\ndata: 2\n\n',
      [
        ['event', '1'],
        ['event', '2'],
      ],
    ],
    [
      'a field named error',
      'data: 1\n\nerror: {"code":500}\n\n',
      [
        ['event', '1'],
        ['error', '{"code":500}'],
      ],
    ],
    [
      'a field named error right after an event',
      'data: 1\nerror: broke',
      [
        ['event', '1'],
        ['error', 'broke'],
      ],
    ],
    [
      'fields and lines that only look like it',
      'e\nerr\nerrors: 1\nevent: x\ndata: error: {"a":1}\n\ndata: {\n\n',
      [
        ['x', 'error: {"a":1}'],
        ['event', '{'],
      ],
    ],
    ['half an object', `data: 1\n\n${PRETTY.slice(0, 20)}`, [['event', '1']]],
    ['an empty list', '[]', []],
  ])('of %s is told the same wherever it is cut', (_, text, due) => {
    for (const lineEnd of ['\n', '\r\n']) {
      // within an object line ends are white space and stay as they came
      const whole = text.replaceAll('\n', lineEnd)
      const expected = due.map(([what, said]) => [what, said.replaceAll('\n', lineEnd)])
      expect(told(whole)).toEqual(expected)
      expect(told(...Array.from(whole))).toEqual(expected)
      for (let at = 1; at < whole.length; at += 1) {
        expect([at, ...told(whole.slice(0, at), whole.slice(at))]).toEqual([at, ...expected])
      }
    }
  })

  test('that never ends an object is broken', () => {
    const [first] = told('{"a":"', 'x'.repeat(2 ** 20), 'y')
    expect(first).toEqual(['broken', ''])
  })

  test('of too many objects is broken', () => {
    const all = told('[', '{},'.repeat(200_001))
    expect(all).toHaveLength(200_001)
    expect(all.at(-1)).toEqual(['broken', ''])
  })
})

test('a stream that is kept alive by comments alone for hours still has its event', () => {
  const pings = Array.from({ length: 12_000 }, () => ': ping\n\n')
  expect(told(...pings, 'data: 1\n\n')).toEqual([['event', '1']])
})

test.each([
  ['lists', '['.repeat(65) + ']'.repeat(65), true],
  ['lists as deep as may be', '['.repeat(64) + ']'.repeat(64), false],
  ['objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, true],
  ['many beside each other', `[${'[],'.repeat(200)}1]`, false],
  ['brackets that are only said', JSON.stringify({ said: '[{\\"'.repeat(200) }), false],
])('an event of %s is told or breaks the stream', (_, json, isBroken) => {
  expect(told(`data: ${json}\n\n`)).toEqual([isBroken ? ['broken', ''] : ['event', json]])
})
