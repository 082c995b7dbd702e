import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

// What an editor offers in a program with a registration, asked of the compiler's own language server.

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** `|` is where the cursor stands. */
const program = (line: string): string => `
import { createLLM, openai } from '@rungs/core'
import { useLLM, type UseLLM } from '@rungs/react'
const llm = createLLM({
  routes: { ours: openai({ model: 'm', apiKey: null }), mini: openai({ model: 'n', apiKey: null }) },
  workloads: { chat: { ladder: ['ours', 'mini'] }, briefing: { ladder: ['mini'] } },
  tiers: { free: {}, pro: {} },
  defaultTier: 'free',
})
declare module '@rungs/react' {
  interface Register {
    llm: typeof llm
  }
}
declare const hook: UseLLM
${line}
`

interface Server {
  readonly ask: (method: string, params: object) => Promise<unknown>
  readonly tell: (method: string, params: object) => void
}

/** The language server over its standard streams. */
function startServer(): Server {
  const child = spawn(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '--lsp',
    '--stdio',
  ])
  onTestFinished(() => void child.kill())
  const waiting = new Map<unknown, (result: unknown) => void>()
  let heard = Buffer.alloc(0)
  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  child.stdout.on('data', (piece: Buffer) => {
    heard = Buffer.concat([heard, piece])
    for (;;) {
      const head = heard.indexOf('\r\n\r\n')
      const length = Number(/Content-Length: (\d+)/u.exec(heard.toString('latin1', 0, head))?.[1])
      if (head === -1 || heard.length < head + 4 + length) return
      const { id, method, result } = JSON.parse(heard.toString('utf8', head + 4, head + 4 + length))
      heard = heard.subarray(head + 4 + length)
      // What the server asks of an editor, this one has nothing to say to.
      if (method === undefined) waiting.get(id)?.(result)
      else if (id !== undefined) send({ id, result: null })
    }
  })
  let last = 0
  return {
    ask(method, params) {
      last += 1
      send({ id: last, method, params })
      return new Promise((resolve) => waiting.set(last, resolve))
    },
    tell: (method, params) => {
      send({ method, params })
    },
  }
}

async function offered(...lines: readonly string[]): Promise<readonly string[][]> {
  const folder = await mkdtemp(join(root, 'packages/react/node_modules/.completion-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['program.ts'] }),
  )
  const server = startServer()
  const rootUri = pathToFileURL(folder).href
  await server.ask('initialize', { processId: process.pid, rootUri, capabilities: {} })
  server.tell('initialized', {})
  const answers: string[][] = []
  for (const [index, line] of lines.entries()) {
    const text = program(line.replace('|', ''))
    await writeFile(join(folder, 'program.ts'), text)
    const uri = `${rootUri}/program.ts`
    const document = { uri, languageId: 'typescript', version: index, text }
    server.tell('textDocument/didOpen', { textDocument: document })
    const position = { line: text.split('\n').length - 2, character: line.indexOf('|') }
    const result = await server.ask('textDocument/completion', { textDocument: { uri }, position })
    answers.push(labelsIn(result))
    server.tell('textDocument/didClose', { textDocument: { uri } })
  }
  return answers
}

function labelsIn(result: unknown): string[] {
  const items: unknown = Array.isArray(result) ? result : Object(result).items
  if (!Array.isArray(items)) return []
  return items.map((item) => String(Object(item).label)).toSorted()
}

test('an editor completes the names of the product', async () => {
  expect(
    await offered(
      "useLLM({ workload: '|' })",
      "useLLM({ workload: 'chat', tier: '|' })",
      "hook.route === '|'",
      "hook.send({ workload: '|' })",
    ),
  ).toEqual([
    ['briefing', 'chat'],
    ['free', 'pro'],
    ['mini', 'ours'],
    ['briefing', 'chat'],
  ])
})
