import { expect, test } from 'vitest'
import { readPartial } from '../src/run/partial.ts'

test.each<[string, unknown]>([
  ['', undefined],
  ['{', {}],
  ['{"na', {}],
  ['{"name"', {}],
  ['{"name":', {}],
  ['{"name":"A', { name: 'A' }],
  ['{"name":"A\\', { name: 'A' }],
  ['{"name":"A\\\\', { name: 'A\\' }],
  ['{"name":"A\\u00', { name: 'A' }],
  ['{"name":"A\\u00e9', { name: 'A\u00e9' }],
  ['{"name":"Ada","age":3', { name: 'Ada' }],
  ['{"name":"Ada","age":36,', { name: 'Ada', age: 36 }],
  ['{"name":"Ada","age":36}', { name: 'Ada', age: 36 }],
  ['[1,2', [1]],
  ['[1,[true,nul', [1, [true]]],
  ['{"a":{"b":[{"c":"d', { a: { b: [{ c: 'd' }] } }],
  ['{"a":"},]"', { a: '},]' }],
  ['It is', undefined],
  ['{"a":1}}', undefined],
])('%s is read as far as it goes', (text, value) => {
  expect(readPartial(text)).toEqual(value)
})

test('every beginning of a document gives what is whole in it', () => {
  const whole = { a: [1, { b: 'x\n"y"' }, null], c: { d: true, e: -1.5e3 } }
  const text = JSON.stringify(whole)
  for (let end = 1; end <= text.length; end += 1) {
    expect(readPartial(text.slice(0, end))).toBeTypeOf('object')
  }
  expect(readPartial(text)).toEqual(whole)
})

test('nesting and length that a server sends on purpose show nothing, at once', () => {
  expect(readPartial('['.repeat(50_000))).toBeUndefined()
  expect(readPartial(`["${'x'.repeat(100_000)}`)).toBeUndefined()
})
