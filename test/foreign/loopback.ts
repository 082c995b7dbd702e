import { Server, type AddressInfo } from 'node:net'

// Loaded into the gateway's process before the gateway itself, whose only setting is a port.

const { Response } = globalThis
const { listen } = Server.prototype

Server.prototype.listen = function listenOnLoopback(this: Server, port: number): Server {
  // Its HTTP server has put a lighter Response there, which passes on headers as they came from `fetch`.
  // The gateway adds to them, and those are immutable: every streamed answer would be a 500.
  Object.defineProperty(globalThis, 'Response', { value: Response })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has no other address
  const tell = (): unknown => process.send?.((this.address() as AddressInfo).port)
  return listen.call(this, port, '127.0.0.1', undefined, tell)
}
process.on('disconnect', () => {
  process.exit()
})
