import { createServer, type Socket } from 'node:net'

/** What a server does next, when it is not to send bytes. */
export type Cue =
  /** Send nothing for so long. */
  | { readonly does: 'wait'; readonly ms: number }
  /** Never send anything more, and never close. */
  | { readonly does: 'hold' }
  /** Break the connection off without a farewell. */
  | { readonly does: 'reset' }
export type Step = string | Uint8Array | Cue

/** What came of one input so far. */
export interface Entry {
  /** Requests that came for it. */
  requests: number
  /** Bytes written in answer, all requests together. */
  sentBytes: number
  /** Resolves once no connection of it is open. */
  readonly isOver: Promise<void>
}

export interface Server {
  readonly origin: string
  entry(key: string): Entry
  close(): Promise<void>
}

/** Waits until more can be written, or nobody is there to read it. */
async function drain(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.on('drain', done)
    socket.on('close', done)
    if (socket.destroyed) done()
  })
}

async function wait(socket: Socket, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      socket.off('close', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    socket.on('close', done)
  })
}

/**
 * A server that says what it is told to, byte by byte: nothing of HTTP is done for it. Whatever the size of
 * an input, little of it is in memory at once: it is made as fast as it is read.
 *
 * @param script the steps for a request whose path begins with `key`
 */
export async function listen(script: (key: string) => Iterable<Step>): Promise<Server> {
  const entries = new Map<string, { entry: Entry; open: Set<Socket>; finish: () => void }>()
  const sockets = new Set<Socket>()

  function entryOf(key: string): { entry: Entry; open: Set<Socket>; finish: () => void } {
    const known = entries.get(key)
    if (known) return known
    const { promise: isOver, resolve: finish } = Promise.withResolvers<void>()
    const made = { entry: { requests: 0, sentBytes: 0, isOver }, open: new Set<Socket>(), finish }
    entries.set(key, made)
    return made
  }

  async function play(socket: Socket, key: string, entry: Entry): Promise<void> {
    for (const step of script(key)) {
      if (socket.destroyed) return
      if (typeof step === 'string' || step instanceof Uint8Array) {
        entry.sentBytes += step.length
        if (!socket.write(step)) await drain(socket)
      } else if (step.does === 'wait') await wait(socket, step.ms)
      else if (step.does === 'hold') return
      else {
        // What was written is let out first.
        await wait(socket, 10)
        socket.resetAndDestroy()
        return
      }
    }
    socket.end()
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    let asked = ''
    const onData = (data: Buffer): void => {
      asked += data.toString('latin1')
      const end = asked.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/content-length: (\d+)/i.exec(asked)?.[1] ?? 0)
      if (asked.length < end + 4 + length) return
      socket.off('data', onData)
      socket.resume()
      const key = asked.split(' ')[1]?.split('/')[1] ?? ''
      const { entry, open, finish } = entryOf(key)
      entry.requests += 1
      open.add(socket)
      socket.on('close', () => {
        open.delete(socket)
        if (open.size === 0) finish()
      })
      void play(socket, key, entry)
    }
    socket.on('data', onData)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    entry: (key) => entryOf(key).entry,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
