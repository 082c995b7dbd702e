import { describe, expect, test } from 'vitest'
import type { Message, Tradeoff } from '../src/index.ts'
import { covers, type Consent } from '../src/policy/consent.ts'
import { inputTokens } from '../src/policy/cost.ts'
import { intersect } from '../src/policy/limits.ts'

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
  const text = 'x'.repeat(40)
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
      2,
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
      11,
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
    expect(inputTokens({ system, messages })).toBe(tokens)
  })
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
