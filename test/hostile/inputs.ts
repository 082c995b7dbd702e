import type { FailureKind, FailurePhase } from '@rungs/core'
import { dialects, event, every, framed, type Dialect, type WireName } from './dialects.ts'
import {
  all,
  answer,
  bytes,
  bytewise,
  compressed,
  cut,
  dripping,
  encoded,
  gzipped,
  head,
  hold,
  noise,
  numbered,
  refusal,
  reset,
  stream,
  times,
  unframed,
  wait,
  word,
  words,
} from './http.ts'
import type { Step } from './server.ts'

/** What must come of an input. */
export type Ending =
  | {
      readonly fails: FailureKind
      readonly phase: FailurePhase
      readonly status?: number
      /** Null: none may be believed. */
      readonly retryAfterMs?: number | null
      /** What there was by then is the answer, and partial. */
      readonly isKept?: boolean
    }
  /** It is tolerated: the text, or its length where that is long; calls told; events passed over. */
  | { readonly says: string | number; readonly calls?: number; readonly skipped?: number }

/** One class of what a hostile, broken or careless server sends. */
export interface Input {
  readonly title: string
  readonly wires: readonly WireName[]
  readonly ends: Ending
  /** Wires for which it ends in another way. */
  readonly but?: Readonly<Partial<Record<WireName, Ending>>>
  readonly sends: (dialect: Dialect) => Iterable<Step>
  /** The answer is to be JSON. */
  readonly asksForJson?: boolean
  /** It ends by a deadline, or takes its time: it is played against a fast clock. */
  readonly isPaced?: boolean
  /** It is much to read: one wire will do where time is short. */
  readonly isHeavy?: boolean
  /** Bytes after which the client must have hung up. */
  readonly withinBytes?: number
}

type Options = Partial<Omit<Input, 'title' | 'ends' | 'sends'>>

function input(
  title: string,
  ends: Ending,
  sends: Input['sends'],
  { wires = framed, ...options }: Options = {},
): Input {
  return { title, ends, sends, wires, ...options }
}

const says = (
  text: string | number = 'Hello world',
  more: { readonly calls?: number; readonly skipped?: number } = {},
): Ending => ({ says: text, ...more })
const fails = (
  kind: FailureKind,
  phase: FailurePhase = 'before-content',
  more: Omit<Extract<Ending, { fails: string }>, 'fails' | 'phase'> = {},
): Ending => ({ fails: kind, phase, ...more })
const unusable = fails('invalid-response')
const unusableLate = fails('invalid-response', 'streaming')
const brokenLate = fails('network', 'streaming')

const MIB = 2 ** 20
const GIB = 2 ** 30
const MILLION = 1e6
/** Lists in lists, so deep. */
const nest = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
/** Parts of a message in parts of a message, two levels each. */
const nestedParts = (pairs: number): string => '[{"text":'.repeat(pairs) + '1' + '}]'.repeat(pairs)

const good = (dialect: Dialect): string =>
  dialect.open + dialect.say('Hello') + dialect.say(' world') + dialect.finish + dialect.last
/** A good answer with something else before its second piece. */
const amid =
  (what: (dialect: Dialect) => string): Input['sends'] =>
  (dialect) =>
    stream(
      dialect,
      dialect.open + dialect.say('Hello'),
      what(dialect),
      dialect.say(' world') + dialect.finish + dialect.last,
    )

const openai: Options = { wires: ['openai'] }
const plain: Options = { wires: ['textStream'] }
const any: Options = { wires: every }
const without = (...names: readonly WireName[]): Options => ({
  wires: framed.filter((name) => !names.includes(name)),
})

// ---- more than there is room for

/** A piece of a call's arguments. */
function argument(text: string): string {
  return event(
    `{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"${text}"}}]}}]}`,
  )
}
/** Lists of one number each, one after the other. */
function listed(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `[${from + index}],`).join('')
}

const bounds: readonly Input[] = [
  input(
    'a line of 1 GiB without an end',
    unusable,
    (dialect) => stream(dialect, 'data: ', times(GIB, 'x')),
    { withinBytes: 16 * MIB },
  ),
  input(
    'a first event of 1 GiB in lines of 64 KiB',
    unusable,
    (dialect) => stream(dialect, times(GIB / 2 ** 16, `data: ${'x'.repeat(2 ** 16 - 7)}\n`)),
    { withinBytes: 16 * MIB },
  ),
  input(
    'an event of more than 1 MiB after good ones',
    unusableLate,
    (dialect) =>
      stream(dialect, dialect.open + dialect.say('Hello'), dialect.say('x'.repeat(2 * MIB))),
    { withinBytes: 16 * MIB },
  ),
  input(
    'a billion lines of data in one event',
    unusable,
    (dialect) => stream(dialect, times(1e9, 'data:\n')),
    { isHeavy: true, withinBytes: 48 * MIB },
  ),
  input(
    'an event name of 1 GiB',
    unusable,
    (dialect) => stream(dialect, 'event: ', times(GIB, 'x')),
    { withinBytes: 16 * MIB },
  ),
  input('a comment of 1 GiB', unusable, (dialect) => stream(dialect, ': ', times(GIB, 'x')), {
    isHeavy: true,
    withinBytes: 48 * MIB,
  }),
  input('comments without end', unusable, (dialect) => stream(dialect, times(GIB, ': ping\n\n')), {
    isHeavy: true,
    withinBytes: 48 * MIB,
  }),
  input('blank lines without end', unusable, (dialect) => stream(dialect, times(GIB, '\n')), {
    isHeavy: true,
    withinBytes: 48 * MIB,
  }),
  input('blanks without end', unusable, (dialect) => stream(dialect, times(GIB, ' ')), {
    isHeavy: true,
    withinBytes: 48 * MIB,
  }),
  input(
    'lines of no field without end',
    unusable,
    (dialect) => stream(dialect, times(GIB, 'x\n')),
    {
      isHeavy: true,
      withinBytes: 48 * MIB,
    },
  ),
  input(
    'garbage for a reconnection time without end',
    unusable,
    (dialect) => stream(dialect, times(GIB, 'retry: x\n')),
    { isHeavy: true, withinBytes: 48 * MIB },
  ),
  input(
    'errors of no event without end',
    fails('outage'),
    (dialect) => stream(dialect, dialect.open, times(GIB, 'error: x\n')),
    {
      isHeavy: true,
      but: { aiSdk: unusable, gemini: unusable, agUi: unusable },
      withinBytes: 48 * MIB,
    },
  ),
  input(
    'objects of no event without end',
    unusable,
    (dialect) => stream(dialect, `: hi\n\n${dialect.open}`, times(GIB, '{"a":1}\n')),
    { isHeavy: true, withinBytes: 48 * MIB },
  ),
  input(
    'an object of 1 GiB that is of no event',
    unusable,
    (dialect) => stream(dialect, `: hi\n\n${dialect.open}{"a":"`, times(GIB, 'x')),
    { withinBytes: 16 * MIB },
  ),
  input(
    'brackets of no event without end',
    unusable,
    (dialect) => stream(dialect, `: hi\n\n${dialect.open}`, times(GIB, '[\n')),
    { isHeavy: true, withinBytes: 48 * MIB },
  ),
  input('ids without end', unusable, (dialect) => stream(dialect, times(GIB, 'id: 1\n\n')), {
    isHeavy: true,
    withinBytes: 48 * MIB,
  }),
  input(
    'empty events without end',
    unusable,
    (dialect) => stream(dialect, times(GIB, 'data:\n\n')),
    {
      isHeavy: true,
      withinBytes: 48 * MIB,
    },
  ),
  input(
    'pings without end',
    unusable,
    (dialect) => stream(dialect, times(GIB, event('{"type":"ping"}', 'ping'))),
    { isHeavy: true, withinBytes: 48 * MIB },
  ),
  input(
    'a million pieces of text',
    unusableLate,
    (dialect) =>
      stream(
        dialect,
        dialect.open,
        numbered(MILLION, (index) => dialect.say(word(index))),
      ),
    { isHeavy: true, withinBytes: 48 * MIB },
  ),
  input(
    'a million thoughts',
    unusable,
    (dialect) =>
      stream(
        dialect,
        dialect.open,
        numbered(MILLION, (index) => dialect.think(word(index))),
      ),
    { isHeavy: true, withinBytes: 48 * MIB },
  ),
  input(
    'a million thoughts and pieces of text in turn',
    unusableLate,
    (dialect) =>
      stream(dialect, dialect.open, times(MILLION, dialect.think('a') + dialect.say('a'))),
    { isHeavy: true, withinBytes: 48 * MIB },
  ),
  input(
    'a million tool calls',
    unusable,
    (dialect) =>
      stream(
        dialect,
        dialect.open,
        numbered(MILLION, (index) => dialect.hint(index)),
      ),
    { isHeavy: true, but: { gemini: unusableLate }, withinBytes: 80 * MIB },
  ),
  input(
    'fifty thousand tool calls in one event',
    unusable,
    (dialect) => {
      const calls = Array.from({ length: 50_000 }, (_, index) => `{"index":${index}}`).join(',')
      return stream(
        dialect,
        event(`{"choices":[{"index":0,"delta":{"tool_calls":[${calls}]}}]}`),
        dialect.finish + dialect.last,
      )
    },
    { ...openai, isHeavy: true },
  ),
  input(
    'pieces of fifty thousand tool calls by their ids in one event',
    unusable,
    (dialect) => {
      const calls = Array.from({ length: 50_000 }, (_, index) => `{"id":"${index}"}`).join(',')
      return stream(
        dialect,
        event(`{"choices":[{"index":0,"delta":{"tool_calls":[${calls}]}}]}`),
        dialect.finish + dialect.last,
      )
    },
    { ...openai, isHeavy: true },
  ),
  input(
    'forty thousand calls in one event',
    unusable,
    (dialect) => {
      const calls = '{"functionCall":{"name":"a"}},'.repeat(34_999)
      const parts = `${calls}{"functionCall":{"name":"a"}}`
      const whole = event(`{"candidates":[{"index":0,"content":{"parts":[${parts}]}}]}`)
      return stream(dialect, whole, dialect.finish)
    },
    { wires: ['gemini'], isHeavy: true },
  ),
  input(
    'counts of tokens without end',
    unusable,
    (dialect) => stream(dialect, dialect.open, times(MILLION, dialect.count('1', '1'))),
    { wires: ['openai', 'aiSdk', 'anthropic', 'gemini'], isHeavy: true, withinBytes: 48 * MIB },
  ),
  input(
    'text of 1 GiB in large pieces',
    unusableLate,
    (dialect) =>
      stream(
        dialect,
        dialect.open,
        numbered(GIB / 2 ** 16, (index) => dialect.say(words(index * 8192, 8192))),
      ),
    { isHeavy: true, withinBytes: 48 * MIB },
  ),
  input(
    'plain text of 1 GiB',
    unusableLate,
    (dialect) => stream(dialect, numbered(GIB / 8, word)),
    { ...plain, isHeavy: true, withinBytes: 48 * MIB },
  ),
  input(
    'a JSON text of 28 MiB',
    says(28 * MIB + 4),
    () => all(head(200, 'content-type: application/json'), '["', numbered(3.5 * MIB, word), '"]'),
    { ...plain, isHeavy: true },
  ),
  input(
    'arguments of 24 MiB for one call',
    says('', { calls: 1 }),
    (dialect) => {
      return stream(
        dialect,
        argument('['),
        times(768, argument('[1],'.repeat(8192))),
        argument('1]') + dialect.finish + dialect.last,
      )
    },
    { ...openai, isHeavy: true },
  ),
  input(
    'the whole text again after each of its pieces',
    says(160_000),
    (dialect) =>
      stream(
        dialect,
        numbered(
          20_000,
          (index) =>
            dialect.say(word(index)) +
            event(
              `{"type":"response.output_text.done","output_index":${index + 1},"text":"${word(index)}"}`,
            ),
        ),
        dialect.finish,
      ),
    { wires: ['openaiResponses'], isHeavy: true },
  ),
  input(
    'an answer of 8 MiB where JSON is due',
    fails('invalid-response', 'after-answer'),
    (dialect) =>
      stream(
        dialect,
        dialect.open + dialect.say('["'),
        numbered(128, (index) => dialect.say(words(index * 8192, 8192))),
        dialect.say('"]') + dialect.finish + dialect.last,
      ),
    { asksForJson: true, isHeavy: true },
  ),
  input(
    'an answer of 900 KiB where JSON is due',
    says(4 + 65_536 * 8),
    (dialect) =>
      stream(
        dialect,
        dialect.open + dialect.say('["'),
        numbered(64, (index) => dialect.say(words(index * 1024, 1024))),
        dialect.say('"]') + dialect.finish + dialect.last,
      ),
    { asksForJson: true, isHeavy: true },
  ),
  input(
    'an answer of a hundred thousand lists where JSON is due',
    says(listed(0, 100_000).length + 3),
    (dialect) =>
      stream(
        dialect,
        dialect.open + dialect.say('['),
        numbered(100, (index) => dialect.say(listed(index * 1000, 1000))),
        dialect.say('0]') + dialect.finish + dialect.last,
      ),
    { asksForJson: true, isHeavy: true },
  ),
  input(
    'gzip that grows without end',
    unusable,
    (dialect) => encoded(dialect, 'gzip', gzipped(10_000, ': bomb\n\n')),
    { wires: every, but: { textStream: unusableLate }, isHeavy: true, withinBytes: 8 * MIB },
  ),
  input(
    'deflate that grows to 64 MiB',
    unusable,
    (dialect) => encoded(dialect, 'deflate', compressed('deflate', ': bomb\n\n')),
    { ...openai, isHeavy: true },
  ),
  input(
    'brotli that grows to 64 MiB',
    unusable,
    (dialect) => encoded(dialect, 'br', compressed('br', ': bomb\n\n')),
    { ...openai, isHeavy: true },
  ),
  input(
    'gzip that grows without end under a 500',
    fails('outage', 'before-content', { status: 500 }),
    () => [
      head(500, 'content-encoding: gzip', 'content-type: application/json'),
      ...gzipped(64, 'sorry, '),
    ],
    { ...openai, isHeavy: true },
  ),
  input(
    'an error body without end',
    fails('outage', 'before-content', { status: 500 }),
    () => refusal(500, times(GIB, 'sorry, ')),
    { ...any, withinBytes: 8 * MIB },
  ),
  input(
    'an error body of 64 MiB of known length',
    fails('rate-limit', 'before-content', { status: 429 }),
    () => all(head(429, `content-length: ${64 * MIB}`), times(64 * MIB, 'x')),
    { ...any, withinBytes: 8 * MIB },
  ),
  input(
    'a JSON document of 64 MiB where a stream is due',
    unusable,
    () =>
      all(
        head(200, 'content-type: application/json', `content-length: ${64 * MIB}`),
        '{"a":"',
        times(64 * MIB - 6, 'x'),
      ),
    { withinBytes: 8 * MIB },
  ),
  input(
    'a page of 1 GiB where a stream is due',
    unusable,
    () => all(head(200, 'content-type: text/html'), '<!doctype html>', times(GIB, '<br>')),
    { ...any, withinBytes: 8 * MIB },
  ),
  input(
    'garbage without end after [DONE]',
    says(),
    (dialect) => stream(dialect, good(dialect), times(GIB, 'x')),
    { ...without('gemini', 'agUi'), withinBytes: 48 * MIB },
  ),
]

// ---- JSON of a kind that nobody expects

function* deepArguments(dialect: Dialect): Generator<Step> {
  yield* stream(
    dialect,
    times(20, argument('['.repeat(50_000))),
    times(20, argument(']'.repeat(50_000))),
    dialect.finish + dialect.last,
  )
}
const callsOf = (dialect: Dialect, name: string): string =>
  dialect.call(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    name,
    name,
  )

const json: readonly Input[] = [
  input('an event half a million deep', unusable, (dialect) =>
    stream(dialect, event(nest(MILLION / 2)), dialect.finish + dialect.last),
  ),
  input('an event half a million objects deep', unusable, (dialect) =>
    stream(
      dialect,
      event('{"a":'.repeat(150_000) + '1' + '}'.repeat(150_000)),
      dialect.finish + dialect.last,
    ),
  ),
  input('arguments a million deep', says('', { calls: 1 }), deepArguments, openai),
  input(
    'arguments a hundred deep',
    says('', { calls: 1 }),
    (dialect) =>
      stream(dialect, dialect.open + dialect.call(nest(100)) + dialect.finish + dialect.last),
    {},
  ),
  input(
    'arguments a hundred thousand deep',
    says('', { calls: 1 }),
    (dialect) =>
      stream(dialect, dialect.open + dialect.call(nest(100_000)) + dialect.finish + dialect.last),
    { but: { gemini: unusable } },
  ),
  input(
    'an answer a million deep where JSON is due',
    fails('invalid-response', 'after-answer'),
    (dialect) =>
      stream(
        dialect,
        dialect.open,
        times(20, dialect.say('['.repeat(50_000))),
        times(20, dialect.say(']'.repeat(50_000))),
        dialect.finish + dialect.last,
      ),
    { ...any, asksForJson: true },
  ),
  input(
    'an answer a thousand deep where JSON is due',
    fails('invalid-response', 'after-answer'),
    (dialect) =>
      stream(
        dialect,
        dialect.open,
        numbered(1000, (index) => dialect.say(`[${index},`)),
        dialect.say(`1${']'.repeat(1000)}`) + dialect.finish + dialect.last,
      ),
    { ...any, asksForJson: true },
  ),
  input(
    'an answer that is no JSON where JSON is due',
    fails('invalid-response', 'after-answer'),
    (dialect) => stream(dialect, good(dialect)),
    { ...any, asksForJson: true },
  ),
  input(
    'an error half a million deep',
    unusable,
    (dialect) => stream(dialect, event(`{"error":${nest(MILLION / 2)}}`, 'error')),
    openai,
  ),
  ...['content', 'reasoning'].map((field) =>
    input(
      `${field} fifty thousand deep`,
      unusableLate,
      amid(() => event(`{"choices":[{"index":0,"delta":{"${field}":${nestedParts(50_000)}}}]}`)),
      openai,
    ),
  ),
  input(
    'content as deep as may be',
    says('Hello world'),
    amid(() => event(`{"choices":[{"index":0,"delta":{"content":${nestedParts(29)}}}]}`)),
    openai,
  ),
  input(
    'an error body a hundred thousand deep',
    fails('outage', 'before-content', { status: 500 }),
    () => answer(500, nest(100_000)),
    any,
  ),
  input(
    'an error body that fills its room with one number',
    fails('outage', 'before-content', { status: 500 }),
    () => answer(500, `{"error":{"code":${'9'.repeat(60_000)}}}`),
    openai,
  ),
  input(
    'an error body of ten thousand keys',
    fails('outage', 'before-content', { status: 500 }),
    () =>
      answer(
        500,
        JSON.stringify(
          Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`code${index}code`, 'x'])),
        ),
      ),
    openai,
  ),
  input(
    'a number of a million digits',
    says(),
    amid(() => event(`{"type":"none","n":${'9'.repeat(MILLION)}}`)),
  ),
  input(
    'a list of half a million',
    says(),
    amid(() => event(`{"type":"none","n":[${'0,'.repeat(5e5)}0]}`)),
  ),
  input(
    'an object of sixty thousand keys',
    says(),
    amid(() => {
      const keys = Array.from({ length: 60_000 }, (_, index) => `"k${index}":0`)
      return event(`{"type":"none","n":{${keys.join(',')}}}`)
    }),
  ),
  input(
    'a text that fills its event',
    says(11 + 900_000),
    amid((dialect) => dialect.say('x'.repeat(900_000))),
  ),
  input(
    'the same keys twice',
    says(),
    amid(() => event('{"choices":[{"delta":{"content":"no"}}],"choices":[],"a":1,"a":2}')),
    openai,
  ),
  input(
    'a prototype in every object',
    says(),
    amid(() =>
      event(
        '{"__proto__":{"polluted":1,"choices":[{"delta":{"content":"no"}}]},"type":"none","constructor":{"prototype":{"polluted":1}}}',
      ),
    ),
  ),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((name) =>
    input(`a tool call by the name of ${name}`, says('', { calls: 1 }), (dialect) =>
      stream(dialect, dialect.open + callsOf(dialect, name) + dialect.finish + dialect.last),
    ),
  ),
  ...['__proto__', 'constructor', 'toString'].map((name) =>
    input(
      `an error with a code of ${name}`,
      fails('invalid-request', 'before-content', { status: 400 }),
      () => answer(400, `{"error":{"code":"${name}","type":"${name}","__proto__":{"code":1}}}`),
      any,
    ),
  ),
  ...['__proto__', 'constructor', 'toString'].map((name) =>
    input(
      `a finish reason of ${name}`,
      says(),
      (dialect) =>
        stream(
          dialect,
          dialect.open + dialect.say('Hello world'),
          event(`{"choices":[{"index":0,"delta":{},"finish_reason":"${name}"}]}`),
          dialect.last,
        ),
      openai,
    ),
  ),
  ...['7', '{}', '["stop"]', 'true'].flatMap((reason) => [
    input(
      `a finish reason of ${reason} before [DONE]`,
      says(),
      (dialect) =>
        stream(
          dialect,
          dialect.say('Hello world'),
          event(`{"choices":[{"index":0,"delta":{},"finish_reason":${reason}}]}`),
          dialect.last,
        ),
      openai,
    ),
    input(
      `a finish reason of ${reason} and no [DONE]`,
      fails('truncated', 'streaming'),
      (dialect) =>
        stream(
          dialect,
          dialect.say('Hello world'),
          event(`{"choices":[{"index":0,"delta":{},"finish_reason":${reason}}]}`),
        ),
      openai,
    ),
  ]),
  ...(
    [
      ['words', '"many"', '"few"'],
      ['numbers below zero', '-5', '-7'],
      ['numbers beyond all', '1e999', '1e999'],
      ['a huge number', '1e300', '1e300'],
      ['broken numbers', '1.5', '2.5'],
      ['NaN', 'NaN', 'NaN'],
      ['lists', '[1]', '[2]'],
      ['objects', '{"valueOf":1}', '{}'],
      ['null', 'null', 'null'],
      ['a number and words', '3', '"many"'],
      ['a number and an object', '3', '{"a":1}'],
      ['a number and one below zero', '3', '-9'],
    ] as const
  ).map(([what, one, other]) =>
    input(
      `a count of tokens of ${what}`,
      says(),
      // NaN is no JSON, so that event is passed over, and with it the end that some say in it.
      (dialect) =>
        stream(
          dialect,
          dialect.open + dialect.say('Hello world') + dialect.count(one, other),
          dialect.finish + dialect.last,
        ),
    ),
  ),
  input(
    'a usage with details of nonsense',
    says(),
    (dialect) =>
      stream(
        dialect,
        dialect.say('Hello world') + dialect.finish,
        event(
          '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":"all"},"completion_tokens_details":{"reasoning_tokens":{}}}}',
        ),
        dialect.last,
      ),
    openai,
  ),
  ...(
    [
      ['numbers', '"index":0,"id":7,"function":{"name":7,"arguments":7}'],
      ['objects', '"index":0,"id":{},"function":{"name":{},"arguments":{}}'],
      ['lists', '"index":0,"id":[],"function":{"name":[],"arguments":[]}'],
      ['nothing', '"index":0,"function":{}'],
      [
        'an index of a word',
        '"index":"first","id":"a","function":{"name":"look","arguments":"{}"}',
      ],
      ['an index of an object', '"index":{},"id":"a","function":{"name":"look","arguments":"{}"}'],
      ['an index below zero', '"index":-1,"id":"a","function":{"name":"look","arguments":"{}"}'],
      ['no JSON', '"index":0,"id":"a","function":{"name":"look","arguments":"{\\"a\\":"}'],
    ] as const
  ).map(([what, fields]) =>
    input(
      `a tool call of ${what}`,
      says('', { calls: 1 }),
      (dialect) =>
        stream(
          dialect,
          event(`{"choices":[{"index":0,"delta":{"tool_calls":[{${fields}}]}}]}`),
          dialect.finish + dialect.last,
        ),
      openai,
    ),
  ),
  ...(
    [
      ['$.__proto__.polluted', 1],
      ["$['constructor']['prototype']['polluted']", 1],
      ['$[4294967295]', 0],
      ['$.a[1000000000]', 0],
      [`$${'.a'.repeat(100_000)}`, 0],
      ['polluted', 0],
    ] as const
  ).map(([path, calls]) =>
    input(
      `arguments in pieces at ${path.slice(0, 50)}`,
      calls === 0 ? unusableLate : says('Hello', { calls }),
      (dialect) =>
        stream(
          dialect,
          dialect.say('Hello'),
          event(
            `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"look","willContinue":true,"partialArgs":[{"jsonPath":${JSON.stringify(path)},"stringValue":"x"}]}}]}}]}`,
          ),
          dialect.finish,
        ),
      { wires: ['gemini'] },
    ),
  ),
]

// ---- events that are none of the protocol's

const oddities: readonly Input[] = framed.flatMap((name) =>
  Object.entries(dialects[name].oddities).map(([title, odd]) =>
    input(
      title,
      says(),
      amid(() => odd),
      { wires: [name] },
    ),
  ),
)

const errors: readonly Input[] = [
  ...(
    [
      ['true', fails('outage')],
      ['"Overloaded"', fails('outage')],
      ['7', fails('outage')],
      ['[]', fails('outage')],
      ['{}', fails('outage')],
      ['{"code":{"code":{}}}', fails('outage')],
      ['{"message":{"__proto__":"x"}}', fails('outage')],
      ['{"code":"rate_limit_exceeded"}', fails('rate-limit')],
      ['{"code":429}', fails('rate-limit')],
      ['{"code":1e999}', fails('outage')],
    ] as const
  ).map(([error, ends]) =>
    input(
      `an error of ${error}`,
      ends,
      (dialect) => stream(dialect, event(`{"error":${error}}`)),
      openai,
    ),
  ),
  ...['null', 'false', '0', '""'].map((error) =>
    input(
      `an error of ${error}, which is none`,
      says(),
      amid(() => event(`{"error":${error},"choices":[]}`)),
      openai,
    ),
  ),
  input('an error at once', fails('outage'), (dialect) => stream(dialect, dialect.error)),
  input('an error after text', fails('outage', 'streaming'), (dialect) =>
    stream(dialect, dialect.open + dialect.say('Hello'), dialect.error),
  ),
  input(
    'an error after the finish and before the last word',
    fails('outage', 'streaming'),
    (dialect) =>
      stream(
        dialect,
        dialect.open + dialect.say('Hello') + dialect.finish,
        dialect.error + dialect.last,
      ),
    { wires: ['openai', 'aiSdk', 'anthropic'] },
  ),
]

// ---- bytes and lines

const garbage = 'data: {"choices": [{"delta": {"content": "Hel\n\n'

const framing: readonly Input[] = [
  input(
    'three malformed events',
    says('Hello world', { skipped: 3 }),
    amid(() => garbage.repeat(3)),
  ),
  input(
    'four malformed events',
    unusableLate,
    amid(() => garbage.repeat(4)),
  ),
  input('nothing but malformed events', unusable, (dialect) =>
    stream(dialect, times(1e6, garbage)),
  ),
  input(
    'bytes that are no UTF-8',
    says('Hello\ufffd world'),
    (dialect) =>
      stream(
        dialect,
        bytes(dialect.open + dialect.say('Hello§ world') + dialect.finish + dialect.last, 0xff),
      ),
    any,
  ),
  input(
    'an overlong slash',
    says('Hello\ufffd\ufffd world'),
    (dialect) =>
      stream(
        dialect,
        bytes(
          dialect.open + dialect.say('Hello§ world') + dialect.finish + dialect.last,
          0xc0,
          0xaf,
        ),
      ),
    any,
  ),
  input(
    'half of a pair as UTF-8',
    says('Hello\ufffd\ufffd\ufffd world'),
    (dialect) =>
      stream(
        dialect,
        bytes(
          dialect.open + dialect.say('Hello§ world') + dialect.finish + dialect.last,
          0xed,
          0xa0,
          0x80,
        ),
      ),
    any,
  ),
  input('Latin letters in one byte each', says('Hello\ufffd world'), (dialect) =>
    all(
      head(200, 'content-type: text/event-stream; charset=iso-8859-1'),
      bytes(dialect.open + dialect.say('Hello§ world') + dialect.finish + dialect.last, 0xe9),
    ),
  ),
  input(
    'a character cut off at the end',
    says('Hello\ufffd'),
    (dialect) => stream(dialect, bytes('Hello§', 0xf0, 0x9f, 0x98)),
    plain,
  ),
  input('half of a pair in an escape', says('Hello\ud800 world'), (dialect) =>
    stream(
      dialect,
      (dialect.open + dialect.say('Hello§ world') + dialect.finish + dialect.last).replace(
        '§',
        String.raw`\ud800`,
      ),
    ),
  ),
  input('a pair in the escapes of two events', says('Hello😀 world'), (dialect) =>
    stream(
      dialect,
      (
        dialect.open +
        dialect.say('Hello§') +
        dialect.say('# world') +
        dialect.finish +
        dialect.last
      )
        .replace('§', String.raw`\ud83d`)
        .replace('#', String.raw`\ude00`),
    ),
  ),
  input(
    'a character in four reads',
    says('Hello😀 world'),
    (dialect) => {
      const whole = Buffer.from(
        dialect.open + dialect.say('Hello😀 world') + dialect.finish + dialect.last,
      )
      const at = whole.indexOf('😀')
      return stream(
        dialect,
        whole.subarray(0, at + 1),
        wait(3),
        whole.subarray(at + 1, at + 2),
        wait(3),
        whole.subarray(at + 2, at + 3),
        wait(3),
        whole.subarray(at + 3),
      )
    },
    any,
  ),
  input(
    'an answer byte by byte',
    says(),
    (dialect) => stream(dialect, bytewise(0, good(dialect))),
    any,
  ),
  input(
    'NUL in text',
    says('Hello\0 world'),
    (dialect) =>
      stream(dialect, dialect.open + dialect.say('Hello\0 world') + dialect.finish + dialect.last),
    any,
  ),
  input(
    'bare NUL between events',
    says(),
    amid(() => '\0\0\0\n\n'),
  ),
  input('a mark of byte order first', says(), (dialect) =>
    stream(dialect, `\ufeff${good(dialect)}`),
  ),
  input('a mark of byte order in text', says('Hello\ufeff world'), (dialect) =>
    stream(
      dialect,
      dialect.open + dialect.say('Hello\ufeff world') + dialect.finish + dialect.last,
    ),
  ),
  input(
    'a mark of byte order before an event, which is then none',
    says(),
    amid((dialect) => `\ufeff${dialect.say(' lost')}`),
    without('anthropic', 'openaiResponses'),
  ),
  input('lines that end in CR', says(), (dialect) =>
    stream(dialect, good(dialect).replaceAll('\n', '\r')),
  ),
  input('lines that end in CRLF', says(), (dialect) =>
    stream(dialect, good(dialect).replaceAll('\n', '\r\n')),
  ),
  input('lines that end in CRLF, cut between the two', says(), (dialect) =>
    stream(
      dialect,
      ...good(dialect)
        .replaceAll('\n', '\r\n')
        .split('\n')
        .flatMap((line, index, lines) =>
          index === lines.length - 1 ? [line] : [line, wait(1), '\n'],
        ),
    ),
  ),
  input('lines that end in every way', says(), (dialect) => {
    const ends = ['\n', '\r', '\r\n']
    let index = 0
    return stream(
      dialect,
      good(dialect).replaceAll('\n', () => {
        index += 1
        return ends[index % 3] ?? '\n'
      }),
    )
  }),
  input('fields without a blank', says(), (dialect) =>
    stream(dialect, good(dialect).replaceAll('data: ', 'data:').replaceAll('event: ', 'event:')),
  ),
  input(
    'a field without a colon',
    says('Hello world', {}),
    amid(() => 'data\n\n'),
  ),
  input(
    'fields behind blanks and in capitals, which are none',
    unusable,
    (dialect) => stream(dialect, good(dialect).replaceAll('data: ', ' Data: ')),
    without('gemini'),
  ),
  input('an id with NUL', says(), (dialect) => stream(dialect, `id: a\0b\n${good(dialect)}`)),
  input('a reconnection time of nonsense', says(), (dialect) =>
    stream(dialect, `retry: 1e9\nretry: -1\nretry: \u{1f600}\nretry\n${good(dialect)}`),
  ),
  input('a name of nonsense for every event', says(), (dialect) =>
    stream(
      dialect,
      good(dialect).replaceAll('data: ', 'event: __proto__\nevent: \0\ud83d\ndata: '),
    ),
  ),
  input('an event over many lines', says(), (dialect) =>
    stream(dialect, good(dialect).replaceAll('":', '":\ndata: ')),
  ),
  input('padding inside JSON', says(), (dialect) =>
    stream(dialect, good(dialect).replaceAll('":', `":${' '.repeat(1000)}\t`)),
  ),
  input('a body in UTF-16', unusable, (dialect) =>
    stream(dialect, Buffer.from(`\ufeff${good(dialect)}`, 'utf16le')),
  ),
  input('a body of noise', unusable, (dialect) => stream(dialect, noise(100_000))),
  input('a last event without its blank line', says(), (dialect) =>
    stream(dialect, good(dialect).trimEnd()),
  ),
  input('an end in the middle of an event', fails('truncated', 'streaming'), (dialect) =>
    stream(dialect, dialect.open + dialect.say('Hello') + dialect.say(' world').slice(0, -12)),
  ),
]

// ---- endings

const endings: readonly Input[] = [
  input('nothing at all', unusable, (dialect) => stream(dialect), any),
  input('nothing but its opening', unusable, (dialect) => stream(dialect, dialect.open)),
  input('nothing but its end', unusable, (dialect) =>
    stream(dialect, dialect.open + dialect.finish + dialect.last),
  ),
  input('nothing but thoughts', unusable, (dialect) =>
    stream(dialect, dialect.open + dialect.think('Hm.') + dialect.finish + dialect.last),
  ),
  input('a thought and then the end of the connection', fails('truncated'), (dialect) =>
    stream(dialect, dialect.open + dialect.think('Hm.')),
  ),
  input('text without an end', fails('truncated', 'streaming'), (dialect) =>
    stream(dialect, dialect.open + dialect.say('Hello')),
  ),
  input(
    'garbage after the last word',
    says(),
    (dialect) => stream(dialect, `${good(dialect)}garbage\n\n\0\n\ndata: {"a\n\n`),
    without('gemini', 'agUi'),
  ),
  input(
    'text after the finish',
    says(),
    (dialect) =>
      stream(
        dialect,
        dialect.open + dialect.say('Hello') + dialect.finish,
        dialect.say(' world') + dialect.last,
      ),
    { but: { openaiResponses: says('Hello') } },
  ),
  input(
    'the last word first',
    unusable,
    (dialect) => stream(dialect, dialect.last + good(dialect)),
    { wires: ['openai', 'aiSdk', 'anthropic'] },
  ),
  input('the last word twice', says(), (dialect) =>
    stream(dialect, good(dialect) + dialect.last + dialect.finish + dialect.last),
  ),
  input(
    'text and an error after the last word',
    says(),
    (dialect) => stream(dialect, good(dialect) + dialect.say('no') + dialect.error),
    without('gemini', 'agUi'),
  ),
  input(
    'a connection that stays open after the last word',
    says(),
    (dialect) => stream(dialect, good(dialect), hold),
    { isPaced: true },
  ),
  input(
    'a finish and then nothing, without an end',
    says(),
    (dialect) => stream(dialect, dialect.open + dialect.say('Hello world') + dialect.finish, hold),
    { isPaced: true },
  ),
  input(
    'a finish and then pings without end',
    says(),
    (dialect) =>
      stream(
        dialect,
        dialect.open + dialect.say('Hello world') + dialect.finish,
        dripping(10, ': ping\n\n'),
      ),
    { isPaced: true },
  ),
]

// ---- time

const time: readonly Input[] = [
  input('no answer ever', fails('timeout'), () => [hold], { ...any, isPaced: true }),
  input('a head that does not end', fails('timeout'), () => ['HTTP/1.1 200 OK\r\nx-a: ', hold], {
    ...openai,
    isPaced: true,
  }),
  input(
    'a head that comes letter by letter',
    fails('timeout'),
    () => all('HTTP/1.1 200 OK\r\nx-a: ', dripping(10, 'a')),
    { ...openai, isPaced: true },
  ),
  input('a head and no body', fails('queue-stall'), (dialect) => stream(dialect, hold), {
    ...any,
    isPaced: true,
  }),
  input(
    'an opening and no more',
    fails('queue-stall'),
    (dialect) => stream(dialect, dialect.open, hold),
    { isPaced: true },
  ),
  input(
    'comments at their leisure',
    fails('queue-stall'),
    (dialect) => stream(dialect, dripping(10, ': ping\n\n')),
    { isPaced: true },
  ),
  input(
    'pings at their leisure',
    fails('queue-stall'),
    (dialect) => stream(dialect, dialect.open, dripping(10, event('{"type":"ping"}', 'ping'))),
    { isPaced: true },
  ),
  input(
    'one event that never ends, letter by letter',
    fails('queue-stall'),
    (dialect) => stream(dialect, 'data: ', dripping(5, 'x')),
    { ...openai, isPaced: true },
  ),
  input(
    'text and then nothing',
    fails('stream-stall', 'streaming'),
    (dialect) => stream(dialect, dialect.open + dialect.say('Hello'), hold),
    { ...any, isPaced: true },
  ),
  input(
    'text and then comments at their leisure',
    fails('stream-stall', 'streaming'),
    (dialect) => stream(dialect, dialect.open + dialect.say('Hello'), dripping(10, ': ping\n\n')),
    { isPaced: true },
  ),
  input(
    'a thought and then nothing',
    fails('queue-stall'),
    (dialect) => stream(dialect, dialect.open + dialect.think('Hm.'), hold),
    { isPaced: true },
  ),
  input(
    'thoughts at their leisure for longer than the run may last',
    fails('latency-ceiling'),
    (dialect) => stream(dialect, dialect.open, dripping(10, dialect.think('Hm.'))),
    { isPaced: true },
  ),
  input(
    'text at its leisure for longer than the run may last',
    fails('latency-ceiling', 'streaming', { isKept: true }),
    (dialect) => stream(dialect, dialect.open, dripping(10, dialect.say('a'))),
    { ...any, isPaced: true },
  ),
  input(
    'a byte each 10 ms',
    says('Hi'),
    (dialect) =>
      stream(
        dialect,
        bytewise(10, dialect.say('Hi') + (dialect.finish === '' ? '' : dialect.last)),
      ),
    { wires: ['openai', 'textStream'] },
  ),
  input(
    'an error body that does not end',
    fails('rate-limit', 'before-content', { status: 429 }),
    () => refusal(429, '{"error":{"message":"Too many', hold),
    { ...any, isPaced: true },
  ),
  input(
    'an error body at its leisure',
    fails('outage', 'before-content', { status: 503 }),
    () => refusal(503, dripping(10, ' ')),
    { ...openai, isPaced: true },
  ),
  input(
    'a JSON document that does not end where a stream is due',
    fails('queue-stall'),
    () => all(head(200, 'content-type: application/json'), '{"a":', hold),
    { isPaced: true },
  ),
]

// ---- HTTP

const page =
  '<!doctype html><html><head><title>Sorry</title></head><body><h1>Sorry</h1></body></html>'
const underStatus: readonly (readonly [status: number, kind: FailureKind])[] = [
  [400, 'invalid-request'],
  [401, 'auth'],
  [402, 'quota-exhausted'],
  [403, 'auth'],
  [404, 'not-found'],
  [405, 'invalid-request'],
  [408, 'timeout'],
  [409, 'outage'],
  [410, 'not-found'],
  [413, 'context-length'],
  [415, 'invalid-request'],
  [422, 'invalid-request'],
  [429, 'rate-limit'],
  [446, 'blocked-content'],
  [451, 'region-restriction'],
  [499, 'outage'],
  [500, 'outage'],
  [501, 'unsupported-capability'],
  [502, 'outage'],
  [503, 'outage'],
  [504, 'timeout'],
  [520, 'outage'],
  [522, 'timeout'],
  [524, 'timeout'],
  [529, 'outage'],
  [599, 'outage'],
  [600, 'outage'],
  [999, 'outage'],
]
const places = [
  'javascript:alert(1)',
  'data:text/event-stream,data: [DONE]',
  '/elsewhere/',
  'https://example.com/',
  '//[::1',
  '',
]
const bodies = {
  'a page': page,
  XML: '<?xml version="1.0"?><error/>',
  'a list': '[1,2,3]',
  'a whole completion':
    '{"id":"c","choices":[{"message":{"content":"no"},"finish_reason":"stop"}]}',
  'lines of JSON': '{"a":1}\n{"a":2}\n',
  prose: 'Service temporarily down for maintenance.\n',
  nothing: '',
} as const
const types = [
  'text/html',
  'application/json',
  'application/xml',
  'application/octet-stream',
  'image/png',
  'multipart/mixed; boundary=x',
  ';;;=',
  'x'.repeat(4096),
] as const

const http: readonly Input[] = [
  ...underStatus.map(([status, kind]) =>
    input(
      `a page under ${status}`,
      fails(kind, 'before-content', { status }),
      () => answer(`${status} Sorry`, page, 'content-type: text/html'),
      openai,
    ),
  ),
  ...[300, 301, 302, 303, 307, 308].flatMap((status) =>
    places.map((place) =>
      input(
        `a ${status} to ${place || 'nowhere'}`,
        fails('blocked-request'),
        () => answer(status, page, `location: ${place}`),
        openai,
      ),
    ),
  ),
  input(
    'a 302 with a body without end',
    fails('blocked-request'),
    () => all(head(302, 'location: /elsewhere/'), times(GIB, 'x')),
    { ...any, withinBytes: 16 * MIB },
  ),
  input('a 204', unusable, () => [head(204)], any),
  input('a 205', unusable, () => answer(205, ''), any),
  input(
    'a 206 that is whole',
    says(),
    (dialect) => answer(206, good(dialect), `content-type: ${dialect.contentType}`),
    any,
  ),
  input('a 304', fails('blocked-request'), () => [head(304)], openai),
  input(
    'a 100 and then an answer',
    fails('network'),
    (dialect) => all('HTTP/1.1 100 Continue\r\n\r\n', stream(dialect, good(dialect))),
    openai,
  ),
  input(
    'a 101',
    fails('network'),
    () => ['HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    openai,
  ),
  input(
    'a thousand early hints and then an answer',
    says(),
    (dialect) =>
      all(
        times(1000, 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'),
        stream(dialect, good(dialect)),
      ),
    openai,
  ),
  input(
    'early hints without end',
    fails('timeout'),
    () => dripping(5, 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(10)),
    { ...openai, isPaced: true },
  ),
  input(
    'a thousand headers',
    says(),
    (dialect) =>
      all(head(200, ...Array.from({ length: 1000 }, (_, index) => `x${index}: a`)), good(dialect)),
    any,
  ),
  input(
    'a header of 64 KiB, which Node does not take',
    fails('network'),
    (dialect) => all(head(200, `x-a: ${'a'.repeat(2 ** 16)}`), good(dialect)),
    openai,
  ),
  input(
    'headers without end',
    fails('network'),
    () => all('HTTP/1.1 200 OK\r\n', times(GIB, `x-a: ${'a'.repeat(1000)}\r\n`)),
    { ...openai, withinBytes: 8 * MIB },
  ),
  input(
    'headers by the names of prototypes',
    fails('outage', 'before-content', { status: 500 }),
    () =>
      answer(
        500,
        '',
        '__proto__: x',
        'constructor: y',
        'toString: z',
        'hasOwnProperty: 1',
        'x-request-id: __proto__',
      ),
    any,
  ),
  input(
    'headers full of what others repeat',
    fails('outage', 'before-content', { status: 500 }),
    () =>
      answer(
        500,
        '',
        `x-request-id: ${'<b>'.repeat(1000)}`,
        'set-cookie: session=1; Path=/; HttpOnly',
      ),
    openai,
  ),
  input(
    'a head of garbage',
    fails('network'),
    () => ['\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
    any,
  ),
  input(
    'a head of HTTP/2',
    fails('network'),
    () => [Uint8Array.of(0, 0, 18, 4, 0, 0, 0, 0, 0)],
    openai,
  ),
  input('a status of no number', fails('network'), () => ['HTTP/1.1 abc Sorry\r\n\r\n'], openai),
  input(
    'a NUL in a header',
    fails('network'),
    () => ['HTTP/1.1 200 OK\r\nx-a: a\0b\r\n\r\n'],
    openai,
  ),
  input(
    'two lengths',
    fails('network'),
    (dialect) => all(head(200, 'content-length: 10', 'content-length: 20'), good(dialect)),
    openai,
  ),
  input(
    'a length below zero',
    fails('network'),
    (dialect) => all(head(200, 'content-length: -1'), good(dialect)),
    openai,
  ),
  input('a length that is too small', fails('truncated', 'streaming'), (dialect) => {
    const before = dialect.open + dialect.say('Hello')
    return all(head(200, `content-length: ${before.length}`), good(dialect))
  }),
  input(
    'a length that is too large',
    says(),
    (dialect) =>
      all(
        head(200, `content-type: ${dialect.contentType}`, 'content-length: 99999'),
        good(dialect),
      ),
    { ...any, but: { gemini: brokenLate, agUi: brokenLate, textStream: brokenLate } },
  ),
  input('a size of a chunk that is garbage', brokenLate, (dialect) =>
    cut(dialect, dialect.open + dialect.say('Hello'), wait(5)),
  ),
  ...['zz', 'FFFFFFFFFFFFFFFFFF', '-5', ''].map((size) =>
    input(
      `a chunk of the size ${size || 'nothing'}`,
      fails('network'),
      (dialect) =>
        all(
          head(200, `content-type: ${dialect.contentType}`, 'transfer-encoding: chunked'),
          `${size}\r\n${good(dialect)}\r\n0\r\n\r\n`,
        ),
      openai,
    ),
  ),
  input(
    'a chunk with an extension of 1 MiB',
    unusable,
    (dialect) =>
      all(
        head(200, `content-type: ${dialect.contentType}`, 'transfer-encoding: chunked'),
        `5;${'a'.repeat(MIB)}\r\nhello\r\n0\r\n\r\n`,
      ),
    openai,
  ),
  input('an answer in HTTP/1.0', says(), (dialect) => unframed(dialect, good(dialect)), any),
  input('an answer in HTTP/1.0 that breaks off', fails('truncated', 'streaming'), (dialect) =>
    unframed(dialect, dialect.open + dialect.say('Hello')),
  ),
  input(
    'brotli that is plain',
    fails('network'),
    (dialect) => encoded(dialect, 'br', good(dialect)),
    any,
  ),
  input(
    'gzip that is plain',
    fails('network'),
    (dialect) => encoded(dialect, 'gzip', good(dialect)),
    any,
  ),
  input(
    'an encoding that nobody knows',
    says(),
    (dialect) => encoded(dialect, 'rot13', good(dialect)),
    any,
  ),
  ...Object.entries(bodies).map(([name, body]) =>
    input(`${name} where a stream is due`, unusable, (dialect) =>
      answer(200, body, `content-type: ${dialect.contentType}`),
    ),
  ),
  input(
    'a page for plain text',
    unusable,
    () => answer(200, page, 'content-type: text/html'),
    plain,
  ),
  ...types.map((type) =>
    input(`a good stream by the name of ${type.slice(0, 40)}`, says(), (dialect) =>
      answer(200, good(dialect), `content-type: ${type}`),
    ),
  ),
  input('a good stream without a name', says(), (dialect) => answer(200, good(dialect)), any),
]

const documents: readonly Input[] = (
  [
    ['{"error":{"message":"Slow down","code":"rate_limit_exceeded"}}', 'rate-limit'],
    ['{"error":{"code":"insufficient_quota","type":"insufficient_quota"}}', 'quota-exhausted'],
    ['{"error":{"code":"context_length_exceeded"}}', 'context-length'],
    ['{"error":{"type":"authentication_error","message":"x"}}', 'auth'],
    ['{"error":"Overloaded"}', 'outage'],
    ['[{"error":{"code":503,"status":"UNAVAILABLE","message":"x"}}]', 'outage'],
    ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 'outage'],
    ['{"error":true,"reason":"x"}', 'outage'],
    ['{"error":null,"success":false}', 'invalid-response'],
    ['{"errors":[{"message":"x"}]}', 'invalid-response'],
    ['{"detail":"Not found"}', 'invalid-response'],
    ['{"message":"Internal server error"}', 'invalid-response'],
    ['{"object":"error","message":"x","code":40001}', 'invalid-response'],
    ['"Overloaded"', 'invalid-response'],
    ['null', 'invalid-response'],
  ] as const
).map(([document, kind]) =>
  input(`${document} under a 200`, fails(kind), () =>
    answer(200, document, 'content-type: application/json'),
  ),
)

const waits: readonly Input[] = (
  [
    ['-1', null],
    ['NaN', null],
    ['1e309', null],
    ['Infinity', null],
    ['', null],
    ['5, 10', null],
    ['0x10', null],
    ['+5', null],
    ['1.2.3', null],
    ['soon', null],
    ['５', null],
    ['٣', null],
    ['Wed, 21 Oct 2015 07:28:00 GMT', null],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 864e5],
    ['Fri, 99 Foo 9999 99:99:99 GMT', null],
    ['99999999999999999999', 864e5],
    ['9'.repeat(1000), 864e5],
    ['0', 0],
    ['1.5', 1500],
    ['37', 37_000],
    ['5 minutes', 300_000],
  ] as const
).map(([value, retryAfterMs]) =>
  input(
    `a retry-after of ${value.slice(0, 30) || 'nothing'}`,
    fails('rate-limit', 'before-content', { status: 429, retryAfterMs }),
    () => answer(429, '{}', `retry-after: ${value}`),
    openai,
  ),
)

// ---- connections that break

const breaks: readonly Input[] = [
  input('a connection closed at once', fails('network'), () => [], any),
  input('a connection reset at once', fails('network'), () => [reset], any),
  input('a connection closed in the head', fails('network'), () => ['HTTP/1.1 200 O'], openai),
  input(
    'a connection closed in the headers',
    fails('network'),
    () => ['HTTP/1.1 200 OK\r\ncontent-'],
    openai,
  ),
  input('a connection closed before the body', fails('network'), (dialect) => cut(dialect), any),
  input('a connection closed after a comment', fails('network'), (dialect) =>
    cut(dialect, ': hi\n\n'),
  ),
  input('a connection closed after a thought', fails('network'), (dialect) =>
    cut(dialect, dialect.open + dialect.think('Hm.')),
  ),
  input(
    'a connection closed in the middle of text',
    brokenLate,
    (dialect) => cut(dialect, dialect.open + dialect.say('Hello')),
    any,
  ),
  input(
    'a connection reset in the middle of text',
    brokenLate,
    (dialect) => stream(dialect, dialect.open + dialect.say('Hello'), reset),
    any,
  ),
  input(
    'a connection closed between the finish and the last word',
    brokenLate,
    (dialect) => cut(dialect, dialect.open + dialect.say('Hello') + dialect.finish),
    without('openaiResponses'),
  ),
  input(
    'a connection closed after the last word',
    says(),
    (dialect) => cut(dialect, good(dialect)),
    without('gemini', 'agUi'),
  ),
  input(
    'a connection reset after the last word',
    says(),
    (dialect) => stream(dialect, good(dialect), reset),
    without('gemini', 'agUi'),
  ),
  input(
    'a connection closed in an error body',
    fails('rate-limit', 'before-content', { status: 429 }),
    () => all(head(429, 'content-length: 1000'), '{"error":{"message":"Too'),
    any,
  ),
  input(
    'gzip that is cut off',
    unusable,
    (dialect) => encoded(dialect, 'gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3)),
    any,
  ),
]

export const inputs: readonly Input[] = [
  ...bounds,
  ...json,
  ...oddities,
  ...errors,
  ...framing,
  ...endings,
  ...time,
  ...http,
  ...documents,
  ...waits,
  ...breaks,
]

/** An input on one wire. */
export interface Case {
  readonly key: string
  readonly wire: WireName
  readonly input: Input
  readonly ends: Ending
}

/** Every input on its wires; where time is short, on two of them at most, and on one if it is heavy. */
export function casesOf(isShort: boolean): readonly Case[] {
  return inputs.flatMap((one, index) => {
    const { wires, isHeavy, isPaced } = one
    const second = isHeavy ? 0 : index % wires.length
    return wires
      .filter((_, at) => !isShort || isPaced || at === 0 || at === second)
      .map((wire) => ({
        key: `${index}-${wire}`,
        wire,
        input: one,
        ends: one.but?.[wire] ?? one.ends,
      }))
  })
}
