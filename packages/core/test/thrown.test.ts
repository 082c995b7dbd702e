import { expect, test } from 'vitest'
import { describeThrown } from '../src/policy/thrown.ts'

test('what was thrown is told by its name and its place, never by its message', () => {
  const described = describeThrown(new RangeError('sk-secret\n    at a (secret.ts:1:2)'))
  expect(described).toMatch(/^RangeError\n.*thrown\.test\.ts:\d+:\d+/)
  expect(described).not.toContain('secret')
})

test('what has no place is told all the same', () => {
  expect(describeThrown(Object.assign(new Error('secret'), { stack: undefined }))).toBe('Error')
  expect(describeThrown('secret')).toBe('string')
  expect(describeThrown(new DOMException('secret', 'QuotaExceededError'))).toMatch(
    /^QuotaExceededError/,
  )
})

test('the places of browsers that write no message into a stack are kept', () => {
  const stack = 'ask@https://a.example/app.js:1:23\n@https://a.example/app.js:4:5'
  expect(describeThrown(Object.assign(new Error('secret'), { stack }))).toBe(`Error\n${stack}`)
})

test.each([null, [], 7])('a stack that is %o breaks nothing', (stack) => {
  expect(describeThrown(Object.assign(new Error('secret'), { stack }))).toBe('Error')
})

test('a name that is no name is not told', () => {
  expect(
    describeThrown(Object.assign(new Error(''), { name: 'sk-secret', stack: undefined })),
  ).toBe('Error')
})
