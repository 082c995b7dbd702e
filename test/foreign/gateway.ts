import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface Gateway {
  readonly url: string
  stop(): Promise<void>
}

/** Portkey's own gateway, as it is published: a process of its own on loopback. */
export async function startGateway(): Promise<Gateway> {
  const program = new URL(import.meta.resolve('@portkey-ai/gateway/build/start-server.js'))
  const child = fork(program, ['--headless', '--port=0'], {
    execArgv: ['--import', new URL('loopback.ts', import.meta.url).href],
    env: { NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the gateway has ended with ${String(code)}`)
  })
  const [port] = await Promise.race([once(child, 'message'), ended])
  ended.catch(() => undefined)
  return {
    url: `http://127.0.0.1:${String(port)}`,
    async stop() {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}
