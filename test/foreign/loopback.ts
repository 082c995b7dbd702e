import { Server } from 'node:net'

// Loaded into the gateway's process before the gateway itself, whose only setting is a port.

const { Response } = globalThis
// oxlint-disable-next-line typescript/unbound-method -- it is called on its server, below
const { listen } = Server.prototype

Object.defineProperty(Server.prototype, 'listen', {
  value(this: Server, port: number): Server {
    // Its HTTP server has put a lighter Response there, which passes on headers as they came from `fetch`.
    // The gateway adds to them, and those are immutable: every streamed answer would be a 500.
    Object.defineProperty(globalThis, 'Response', { value: Response })
    this.once('listening', () => {
      const address = this.address()
      if (typeof address === 'object') process.send?.(address?.port)
    })
    return listen.call(this, { port, host: '127.0.0.1' })
  },
})
process.on('disconnect', () => {
  process.exit()
})
