import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { sse } from '../trust/answers.ts'

const GAP_MS = 50

/** A provider that holds each answer back until it is let go; what is asked names it. */
export interface Answers {
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void
  /** The first piece comes, and more, until it is to end. */
  begin(question: string): void
  end(question: string): void
}

interface Gate {
  readonly open: () => void
  readonly opened: Promise<void>
  isOpen: boolean
}

export function createAnswers(): Answers {
  const gates = new Map<string, Gate>()
  function gate(name: string): Gate {
    const known = gates.get(name)
    if (known) return known
    const { promise, resolve } = Promise.withResolvers<void>()
    const made: Gate = {
      isOpen: false,
      opened: promise,
      open() {
        made.isOpen = true
        resolve()
      },
    }
    gates.set(name, made)
    return made
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const question = questionOf(await json(request))
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    await gate(`begin ${question}`).opened
    const last = gate(`end ${question}`)
    while (!response.destroyed) {
      response.write(sse({ choices: [{ index: 0, delta: { content: 'a word ' } }] }))
      if (last.isOpen) break
      await wait(GAP_MS)
    }
    response.end(sse({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, '[DONE]'))
  }
  return {
    serve(request, response) {
      if (request.method !== 'POST') response.writeHead(404).end()
      // Whoever is gone is answered no more.
      else answer(request, response).catch(() => response.destroy())
    },
    begin: (question) => {
      gate(`begin ${question}`).open()
    },
    end: (question) => {
      gate(`begin ${question}`).open()
      gate(`end ${question}`).open()
    },
  }
}

function questionOf(body: unknown): string {
  const text = JSON.stringify(body)
  return /"content":"([^"]*)"/.exec(text)?.[1] ?? ''
}
