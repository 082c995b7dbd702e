import { describe, expect, test } from 'vitest'
import type { Message, Tradeoff } from '../src/index.ts'
import { covers, type Consent } from '../src/policy/consent.ts'
import { intersect } from '../src/policy/limits.ts'
import { tokensOf } from '../src/policy/tokens.ts'
import { inputTokens } from '../src/run/sized.ts'

const wait = (delivered: number): Tradeoff => ({ waitMs: { promised: 1000, delivered } })

describe('a yes for the session covers a question', () => {
  const given: Consent = {
    workload: 'chat',
    route: 'b',
    about: 'tradeoff',
    tradeoff: {
      waitMs: { promised: 1000, delivered: 3000 },
      payer: { promised: 'product', delivered: 'user' },
    },
  }
  test.each<readonly [string, Partial<Consent>, boolean]>([
    ['that is the same', {}, true],
    ['of the same size', { tradeoff: wait(3000) }, true],
    ['of a smaller size', { tradeoff: wait(2000) }, true],
    ['of a larger size', { tradeoff: wait(3001) }, false],
    ['of no tradeoff', { tradeoff: {} }, true],
    [
      'of a dimension that was asked',
      { tradeoff: { payer: { promised: 'product', delivered: 'user' } } },
      true,
    ],
    ['of another dimension', { tradeoff: { quality: { promised: 1, delivered: 0.9 } } }, false],
    [
      'with a dimension more',
      { tradeoff: { ...wait(2000), costUsd: { promised: 0, delivered: 1 } } },
      false,
    ],
    ['about another route', { route: 'c' }, false],
    ['of another workload', { workload: 'voice' }, false],
    ['about something else', { about: 'recovery' }, false],
  ])('%s', (_, asked, isCovered) => {
    expect(covers(given, { ...given, ...asked })).toBe(isCovered)
  })
})

describe('the tokens of a request', () => {
  const text = 'one two three four five six seven eight nine ten'
  test.each<readonly [string, string | null, readonly Message[], number]>([
    ['nothing', null, [], 0],
    ['instructions', text, [], 10],
    ['a text', null, [{ role: 'user', content: text }], 10],
    ['a part of a token', null, [{ role: 'user', content: 'x' }], 1],
    ['parts', text, [{ role: 'user', content: [{ type: 'text', text }] }], 20],
    [
      'an image',
      null,
      [
        {
          role: 'user',
          content: [{ type: 'image', mediaType: 'image/png', data: 'A'.repeat(9000) }],
        },
      ],
      800,
    ],
    ['reasoning', null, [{ role: 'assistant', content: [{ type: 'reasoning', text }] }], 10],
    [
      'sealed reasoning',
      null,
      [{ role: 'assistant', content: [{ type: 'reasoning', opaque: {} }] }],
      0,
    ],
    [
      'a tool call in its own spelling',
      null,
      [
        {
          role: 'assistant',
          content: [{ type: 'tool-call', id: '1', name: 'look', input: {}, inputText: text }],
        },
      ],
      10,
    ],
    [
      'a tool call',
      null,
      [
        {
          role: 'assistant',
          content: [{ type: 'tool-call', id: '1', name: 'look', input: { a: 1 } }],
        },
      ],
      5,
    ],
    [
      'a tool call without input',
      null,
      [
        {
          role: 'assistant',
          content: [{ type: 'tool-call', id: '1', name: 'look', input: undefined }],
        },
      ],
      0,
    ],
    [
      'a tool result',
      null,
      [{ role: 'tool', content: [{ type: 'tool-result', id: '1', name: 'look', output: text }] }],
      12,
    ],
    [
      'a tool result of nothing',
      null,
      [
        {
          role: 'tool',
          content: [{ type: 'tool-result', id: '1', name: 'look', output: undefined }],
        },
      ],
      0,
    ],
  ])('are those of %s', (_, system, messages, tokens) => {
    expect(inputTokens({ system, messages, tools: undefined, output: undefined })).toBe(tokens)
  })

  test('count tools and the schema of the answer, as every provider does', () => {
    const check = {
      '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
    } as const
    const jsonSchema = { type: 'object', properties: { city: { type: 'string' } } }
    const input = { schema: check, jsonSchema }
    const asked = { system: null, messages: [], tools: undefined, output: undefined }
    const schemaTokens = tokensOf(JSON.stringify(jsonSchema))
    expect(inputTokens({ ...asked, output: input })).toBe(schemaTokens)
    const tools = { weather: { description: 'The weather in a city.', input } }
    expect(inputTokens({ ...asked, tools })).toBe(
      tokensOf('weatherThe weather in a city.') + schemaTokens,
    )
    // What has no JSON form counts for nothing here, and breaks where it is needed.
    expect(inputTokens({ ...asked, output: check })).toBe(0)
    const broken = {
      '~standard': {
        ...check['~standard'],
        jsonSchema: {
          input: () => {
            throw new TypeError('a date has no JSON Schema')
          },
        },
      },
    }
    expect(inputTokens({ ...asked, output: broken })).toBe(0)
  })
})

/** What OpenAI's o200k says, which counts like most tokenizers of today. */
const COUNTED: readonly (readonly [string, number])[] = [
  ['The sky is blue because the air scatters blue light more strongly than red.', 16],
  ['Der Himmel ist blau, weil die Luft das blaue Licht stärker streut als das rote.', 19],
  ['Небо голубое, потому что воздух рассеивает синий свет сильнее, чем красный.', 22],
  ['السماء زرقاء لأن الهواء يشتت الضوء الأزرق أكثر من الضوء الأحمر.', 18],
  ['आकाश नीला है क्योंकि हवा नीले प्रकाश को लाल से अधिक बिखेरती है।', 20],
  ['空が青いのは、空気が赤い光より青い光を強く散乱させるからです。', 28],
  ['하늘이 파란 이유는 공기가 붉은 빛보다 푸른 빛을 더 강하게 산란시키기 때문입니다.', 31],
  ['天空之所以是蓝色的，是因为空气对蓝光的散射比对红光的散射更强烈。', 27],
  ['{"id":"c-42","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}', 27],
  ['1085,396\n2878,111\n972,378\n1025,388\n', 19],
]

test.each(COUNTED)('the tokens of %j are about %i', (text, tokens) => {
  expect(tokensOf(text) / tokens).toBeGreaterThan(0.8)
  expect(tokensOf(text) / tokens).toBeLessThan(1.2)
})

test('the tokens of a long text are told by its two ends', () => {
  const prose = 'The sky is blue. '.repeat(10_000)
  const figures = '1085,396\n'.repeat(10_000)
  expect(tokensOf(prose)).toBeCloseTo(50_000, -3)
  const share = tokensOf(prose + figures) / (tokensOf(prose) + tokensOf(figures))
  expect(Math.abs(share - 1)).toBeLessThan(0.2)
})

test.each([
  [['eu'], ['eu', 'us'], ['eu']],
  [['eu'], ['us'], []],
  [[], ['us'], []],
  [['eu'], undefined, ['eu']],
  [null, ['us'], ['us']],
  [undefined, null, null],
])('regions %j and %j have %j in common', (one, other, both) => {
  expect(intersect(one, other)).toEqual(both)
})
