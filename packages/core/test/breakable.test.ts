import { expect, test } from 'vitest'
import { createLLM } from '../src/index.ts'
import { breakable, createVirtualWorld, scripted, transcript } from '../src/testing.ts'

test('a route that can be broken works, breaks as it is told, and works again', async () => {
  const time = createVirtualWorld()
  const ours = breakable(scripted({ provider: 'ours', quality: 0.9 }, ['whole']))
  const mini = scripted({ provider: 'mini' }, ['other'])
  const llm = createLLM({
    world: time.world,
    routes: { ours, mini },
    workloads: { chat: { ladder: ['ours', 'mini'] } },
  })
  const ask = (): Promise<string[]> =>
    time.until(transcript(llm.run({ workload: 'chat', prompt: 'Hi' })))
  expect(ours.broken()).toBeNull()
  expect(await ask()).toEqual(['try ours', '"whole"', 'completed'])
  ours.break('invalid-response')
  expect(ours.broken()).toBe('invalid-response')
  const other = ['try mini', '"other"', 'completed']
  expect(await ask()).toEqual(['try ours', 'invalid-response -> mini', ...other])
  ours.break(null)
  const mended = createLLM({
    world: time.world,
    routes: { ours },
    workloads: { chat: { ladder: ['ours'] } },
  })
  const run = mended.run({ workload: 'chat', prompt: 'Hi' })
  expect(await time.until(transcript(run))).toEqual(['try ours', '"whole"', 'completed'])
})

test('a route that hangs is found out by its deadline', async () => {
  const time = createVirtualWorld()
  const ours = breakable(scripted({ provider: 'ours' }))
  const mini = scripted({ provider: 'mini' }, ['other'])
  const llm = createLLM({
    world: time.world,
    routes: { ours, mini },
    workloads: { chat: { ladder: ['ours', 'mini'] } },
  })
  ours.break('hang')
  const lines = await time.until(transcript(llm.run({ workload: 'chat', prompt: 'Hi' })))
  expect(lines).toEqual(['try ours', 'slow', 'timeout -> mini', 'try mini', '"other"', 'completed'])
})

test('only a route can be made breakable', () => {
  expect(() => breakable({ protocol: 'made up', facts: {} })).toThrow(TypeError)
})
