import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import type { Dialect } from './dialects.ts'
import type { Cue, Step } from './server.ts'

const BLOCK_BYTES = 64 * 2 ** 10

export const hold: Cue = { does: 'hold' }
export const reset: Cue = { does: 'reset' }
export function wait(ms: number): Cue {
  return { does: 'wait', ms }
}

/** The beginning of an answer; `headers` are lines. */
export function head(status: number | string, ...headers: readonly string[]): string {
  return ['HTTP/1.1 ' + status, 'connection: close', ...headers, '', ''].join('\r\n')
}

/** A whole answer of known length. */
export function answer(
  status: number | string,
  body: string | Uint8Array,
  ...headers: readonly string[]
): readonly Step[] {
  return [head(status, `content-length: ${Buffer.byteLength(body)}`, ...headers), body]
}

/** The same steps, their bytes framed as HTTP/1.1 does it; `isCut` leaves the last chunk out. */
function* chunked(body: Iterable<Step>, isCut = false): Generator<Step> {
  for (const step of body) {
    if (typeof step === 'string' || step instanceof Uint8Array) {
      const size = Buffer.byteLength(step)
      if (size === 0) continue
      yield `${size.toString(16)}\r\n`
      yield step
      yield '\r\n'
    } else yield step
  }
  if (!isCut) yield '0\r\n\r\n'
}

export type Body = readonly (Step | Generator<Step>)[]

/** Steps and generators of steps, one after the other. */
export function* all(...body: Body): Generator<Step> {
  for (const one of body) {
    if (typeof one === 'object' && 'next' in one) yield* one
    else yield one
  }
}

/** A successful stream of a wire. */
export function* stream({ contentType }: Dialect, ...body: Body): Generator<Step> {
  yield head(200, `content-type: ${contentType}`, 'transfer-encoding: chunked')
  yield* chunked(all(...body))
}

/** The same with its connection lost in the middle. */
export function* cut({ contentType }: Dialect, ...body: Body): Generator<Step> {
  yield head(200, `content-type: ${contentType}`, 'transfer-encoding: chunked')
  yield* chunked(all(...body), true)
}

/** A stream with an encoding that it has, or only claims. */
export function* encoded(
  { contentType }: Dialect,
  encoding: string,
  ...body: Body
): Generator<Step> {
  yield head(
    200,
    `content-type: ${contentType}`,
    `content-encoding: ${encoding}`,
    'transfer-encoding: chunked',
  )
  yield* chunked(all(...body))
}

/** A stream that ends where its connection does, as HTTP/1.0 has it. */
export function* unframed({ contentType }: Dialect, ...body: Body): Generator<Step> {
  yield `HTTP/1.0 200 OK\r\ncontent-type: ${contentType}\r\n\r\n`
  yield* all(...body)
}

/** An error whose body comes in pieces. */
export function* refusal(status: number, ...body: Body): Generator<Step> {
  yield head(status, 'content-type: application/json', 'transfer-encoding: chunked')
  yield* chunked(all(...body))
}

/** `piece` so many times, in blocks: however many, one block is in memory. */
export function* times(count: number, piece: string): Generator<Step> {
  const perBlock = Math.max(1, Math.floor(BLOCK_BYTES / piece.length))
  const block = Buffer.from(piece.repeat(Math.min(perBlock, count)))
  let left = count
  for (; left >= perBlock; left -= perBlock) yield block
  if (left > 0) yield piece.repeat(left)
}

/** Pieces by their number, in blocks. */
export function* numbered(count: number, piece: (index: number) => string): Generator<Step> {
  let block = ''
  for (let index = 0; index < count; index += 1) {
    block += piece(index)
    if (block.length < BLOCK_BYTES) continue
    yield block
    block = ''
  }
  yield block
}

/** Eight characters by a number: text in which nothing repeats. */
export function word(index: number): string {
  const scattered = (index * 2_654_435_761) % 4_294_967_296
  return `${scattered.toString(36).padStart(7, '0')} `
}

/** Many words. */
export function words(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => word(from + index)).join('')
}

/** A piece every so often, without end. */
export function* dripping(ms: number, piece: string): Generator<Step> {
  for (;;) {
    yield piece
    yield wait(ms)
  }
}

/** Bytes one by one, so far apart that each is read on its own. */
export function* bytewise(ms: number, text: string): Generator<Step> {
  for (const byte of Buffer.from(text)) {
    yield Uint8Array.of(byte)
    yield wait(ms)
  }
}

/** Text in which `§` stands for bytes that are no text. */
export function bytes(text: string, ...wild: readonly number[]): Uint8Array {
  return Buffer.concat(
    text
      .split('§')
      .flatMap((piece, index) => (index === 0 ? [piece] : [Uint8Array.from(wild), piece]))
      .map((piece) => Buffer.from(piece)),
  )
}

/** Compressed, `text` so often that it fills 8 MiB; members of gzip can follow one another without end. */
export function* gzipped(members: number, text: string): Generator<Step> {
  const member = gzipSync(text.repeat(Math.ceil((8 * 2 ** 20) / text.length)))
  for (let index = 0; index < members; index += 1) yield member
}

/** Quick to make, and to be undone in little memory: that of the decoder is not the client's. */
const SMALL = { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 16 }

/** 64 MiB of `text`, which is little once compressed. */
export function compressed(how: 'deflate' | 'br', text: string): Uint8Array {
  const whole = text.repeat((64 * 2 ** 20) / text.length)
  return how === 'br' ? brotliCompressSync(whole, { params: SMALL }) : deflateSync(whole)
}

/** Bytes that look like nothing, the same each time. */
export function noise(length: number): Uint8Array {
  const made = new Uint8Array(length)
  let state = 1
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    made[index] = state >>> 24
  }
  made[0] = 0x89
  return made
}
