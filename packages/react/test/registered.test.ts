import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'

// Three programs, each with a compiler of its own.
vi.setConfig({ testTimeout: 30_000 })

const root = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * What the compiler says of a program of its own, '' where nothing. A registration holds for a whole program, so it cannot
 * be tried in the one that this test is part of.
 */
function compile(program: string): string {
  const folder = mkdtempSync(join(root, 'packages/react/node_modules/.registered-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  writeFileSync(join(folder, 'program.tsx'), program)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { types: [], declaration: false, isolatedDeclarations: false },
      include: ['program.tsx'],
      exclude: [],
    }),
  )
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder],
    { encoding: 'utf8' },
  )
  // What is wrong elsewhere, the type check of the workspace says.
  const lines = (stdout + stderr).split('\n')
  return lines.filter((line) => line.includes('program.tsx')).join('\n')
}

const imports = `
import { createLLM, openai } from '@rungs/core'
import {
  Attempts, ConfirmRun, FallbackNotice, LLMProvider, SlowNotice, useLLM, useLLMChat, useLLMSelector, useRouteHealth,
} from '@rungs/react'
`
const llm = `
const llm = createLLM({
  routes: { ours: openai({ model: 'm', apiKey: null }), mini: openai({ model: 'n', apiKey: null }) },
  workloads: { chat: { ladder: ['ours', 'mini'] } },
  tiers: { free: {}, pro: {} },
  defaultTier: 'free',
})
`

test('a registration gives every hook and component the names of the product', () => {
  expect(
    compile(`${imports}${llm}
declare module '@rungs/react' {
  interface Register {
    llm: typeof llm
  }
}
export function Right() {
  const { degraded, route, send } = useLLM({ workload: 'chat', tier: 'pro' })
  const exact: 'ours' | 'mini' | null = route
  return (
    <LLMProvider llm={llm}>
      <button onClick={(event) => send({ prompt: 'Hi', tier: 'free' }, { event })}>{exact}</button>
      <FallbackNotice degraded={degraded} names={{ ours: 'Our assistant' }} />
      <FallbackNotice degraded={degraded}>{({ to }) => ({ ours: 'A', mini: 'B' })[to]}</FallbackNotice>
    </LLMProvider>
  )
}
export function RightToo() {
  const chat = useLLMChat({ workload: 'chat', id: 'help' })
  const exact: 'ours' | 'mini' | null = useLLMSelector('help', (state) => state.route)
  const served: 'ours' | 'mini' | null | undefined = chat.messages[0]?.served?.route
  return (
    <>
      <ConfirmRun of={chat} names={{ mini: 'The quick model' }} />
      <SlowNotice of={chat} />
      <Attempts attempts={chat.attempts} names={{ ours: useRouteHealth('ours').state }} />
      {exact}{served}
    </>
  )
}
export function WrongToo() {
  // @ts-expect-error no such workload
  const chat = useLLMChat({ workload: 'chatt' })
  // @ts-expect-error no such route
  useRouteHealth('maxi')
  // @ts-expect-error no such route
  if (useLLMSelector('help', (state) => state.route) === 'maxi') return null
  // @ts-expect-error no such route
  return <ConfirmRun of={chat} names={{ maxi: 'The large one' }} />
}
export function Wrong() {
  // @ts-expect-error no such workload
  useLLM({ workload: 'chatt' })
  // @ts-expect-error no such tier
  const { degraded, route, send } = useLLM({ workload: 'chat', tier: 'gold' })
  // @ts-expect-error no such route
  if (route === 'maxi') return null
  // @ts-expect-error no such workload
  send({ prompt: 'Hi', workload: 'agent' })
  // @ts-expect-error no such route
  return <FallbackNotice degraded={degraded} names={{ maxi: 'The large one' }} />
}
`),
  ).toBe('')
})

test('without a registration every name is a string', () => {
  expect(
    compile(`${imports}${llm}
export function Loose() {
  const { degraded, route } = useLLM({ workload: 'whatever', tier: 'any' })
  const name: string | null = route
  return (
    <LLMProvider llm={llm}>
      <FallbackNotice degraded={degraded} names={{ any: 'Any' }} />
      {name}
    </LLMProvider>
  )
}
`),
  ).toBe('')
})

test('the compiler is asked in earnest', () => {
  expect(compile(`${imports}useLLM({ workload: 1 })`)).toContain('error TS2322')
})
