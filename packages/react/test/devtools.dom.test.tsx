import { breakable, HANG, scripted } from '@rungs/core/testing'
import { RungsDevtools } from '@rungs/react/devtools'
import { fireEvent, render, screen, within } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { doing, stage } from './kit.tsx'

const panel = (): HTMLElement => screen.getByRole('region', { name: 'Rungs devtools' })
const open = (): HTMLElement => {
  doing(() => {
    screen.getByRole('button', { name: 'Rungs' }).click()
  })
  return panel()
}
const runs = (): HTMLElement[] =>
  within(screen.getByRole('navigation', { name: 'Runs' })).queryAllByRole('button')

test('a run appears with its attempts, its move and why, and the state of its rungs', async () => {
  const { llm, pass, show } = stage({ ours: [[200, { status: 503 }]], mini: [[300, 'whole']] })
  show(<RungsDevtools />)
  doing(() => llm.run({ workload: 'chat', surface: 'sidebar', prompt: 'Hi' }))
  await pass(2_000)
  open()
  expect(runs().map(({ textContent }) => textContent)).toEqual([
    'chat sidebarcompleted, mini, 500 ms',
  ])
  const [first, second] = screen.getAllByRole('img')
  expect(first?.getAttribute('aria-label')).toBe('outage 200 ms')
  expect(second?.getAttribute('aria-label')).toContain('first content 300 ms, 5 characters')
  expect(panel().textContent).toMatch(/200 ms mini: .*outage/)
  const ladder = panel().querySelectorAll('.ladder li')
  expect([...ladder].map((rung) => rung.querySelector('b')?.textContent)).toEqual(['ours', 'mini'])
  expect(ladder[0]?.textContent).toContain('outage')
  expect(ladder[1]?.textContent).toContain('answered')
  expect(ladder[1]?.textContent).toContain('good')
})

test('neither a prompt nor an answer is in the page, in any open detail either', async () => {
  const { llm, pass, show } = stage({
    ours: [[{ reasoning: 'SECRET thought' }, 'SECRET half', { fail: 'outage' }]],
    mini: [[{ call: { name: 'SECRET tool', input: { of: 'SECRET' } } }, 'SECRET whole']],
  })
  const { container } = show(<RungsDevtools initialIsOpen />)
  doing(() => llm.run({ workload: 'chat', system: 'SECRET system', prompt: 'SECRET prompt' }))
  await pass(2_000)
  for (const details of container.querySelectorAll('details')) details.open = true
  expect(runs()).toHaveLength(1)
  expect(container.innerHTML).toContain('12 characters')
  expect(container.innerHTML).not.toContain('SECRET')
})

test('a run under way is drawn as it goes', async () => {
  const { llm, pass, show } = stage({ ours: [[100, 'half', 2_000, 'more', HANG]] })
  show(<RungsDevtools initialIsOpen />)
  doing(() => llm.run({ workload: 'chat', prompt: 'Hi' }))
  await pass(300)
  expect(runs()[0]?.textContent).toContain('running')
  expect(screen.getByRole('img').querySelectorAll('.gap')).toHaveLength(0)
  await pass(2_000)
  expect(screen.getByRole('img').querySelectorAll('.gap')).toHaveLength(1)
})

test('the newest run is shown until another is chosen, and arrows go from one to the next', async () => {
  const { llm, pass, show } = stage()
  show(<RungsDevtools initialIsOpen />)
  for (const surface of ['one', 'two']) {
    doing(() => llm.run({ workload: 'chat', surface, prompt: 'Hi' }))
    await pass(500)
  }
  const current = () => runs().map((run) => run.getAttribute('aria-current'))
  expect(runs()[0]?.textContent).toContain('two')
  expect(current()).toEqual(['true', 'false'])
  const [newest] = runs()
  if (!newest) throw new Error('no run is listed')
  newest.focus()
  fireEvent.keyDown(newest, { key: 'ArrowDown' })
  expect(current()).toEqual(['false', 'true'])
  expect(document.activeElement).toBe(runs()[1])
  expect(runs().map(({ tabIndex }) => tabIndex)).toEqual([-1, 0])
})

function type(label: string, value: string): void {
  fireEvent.change(screen.getByRole('searchbox', { name: label }), { target: { value } })
}
/** The workloads of the runs that are listed. */
const listed = (): unknown[] => runs().map((run) => run.querySelector('b')?.textContent)

test('runs and events are searched, and runs are chosen by how they went', async () => {
  const { llm, pass, show } = stage({ ours: [[{ status: 503 }]], mini: [['one'], ['two']] })
  show(<RungsDevtools initialIsOpen />)
  for (const workload of ['chat', 'agent'] as const) {
    doing(() => llm.run({ workload, prompt: 'Hi' }))
    await pass(500)
  }
  expect(listed()).toEqual(['agent', 'chat'])
  type('Search runs', 'outage')
  expect(listed()).toEqual(['chat'])
  expect(panel().querySelector('h2')?.textContent).toContain('chat')
  type('Search runs', 'outage agent')
  expect(listed()).toEqual([])
  expect(panel().textContent).toContain('No run matches.')
  const field = screen.getByRole('searchbox', { name: 'Search runs' })
  fireEvent.keyDown(field, { key: 'Escape' })
  expect(listed()).toEqual(['agent', 'chat'])
  const clean = screen.getByRole('button', { name: '1 clean' })
  fireEvent.click(clean)
  expect(clean.getAttribute('aria-pressed')).toBe('true')
  expect(listed()).toEqual(['agent'])
  fireEvent.click(clean)
  fireEvent.click(screen.getByRole('button', { name: '1 changed' }))
  expect(listed()).toEqual(['chat'])
  type('Search events', 'moved')
  const events = () => [...panel().querySelectorAll('.events b')].map((b) => b.textContent)
  expect(events()).toEqual(['moved'])
  expect(panel().querySelector('.events')?.previousElementSibling?.textContent).toMatch(
    /^1 of \d+ events$/,
  )
  // Nothing is left to empty: it closes the panel.
  fireEvent.keyDown(field, { key: 'Escape' })
  expect(screen.queryByRole('region')).toBeNull()
})

test('Escape closes the panel from within, and the focus is on the button again', () => {
  const { show } = stage()
  show(<RungsDevtools />)
  expect(screen.queryByRole('region')).toBeNull()
  const button = screen.getByRole('button', { name: 'Rungs' })
  expect(button.getAttribute('aria-expanded')).toBe('false')
  open()
  const summary = panel()
  summary.tabIndex = -1
  summary.focus()
  fireEvent.keyDown(summary, { key: 'Escape' })
  expect(screen.queryByRole('region')).toBeNull()
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Rungs' }))
})

test('belief and latency are drawn while the panel is open, once a second', async () => {
  const { llm, pass, show } = stage({ ours: [[{ status: 503 }]], mini: [[300, 'whole']] })
  const { container } = show(<RungsDevtools initialIsOpen />)
  await pass(1_500)
  doing(() => llm.run({ workload: 'chat', prompt: 'Hi' }))
  await pass(3_000)
  const belief = container.querySelector('figure path.belief')?.getAttribute('d') ?? ''
  expect(belief.match(/[ML]/g)).toHaveLength(4)
  const heights = [...belief.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y))
  // Good at first, worse after the outage: higher up in the picture.
  expect(heights[1]).toBeLessThan(heights[0] ?? 0)
})

test('a run is copied as a transcript', async () => {
  const { llm, pass, show } = stage({ ours: [[{ status: 503 }]], mini: [['whole']] })
  show(<RungsDevtools initialIsOpen />)
  doing(() => llm.run({ workload: 'chat', prompt: 'Hi' }))
  await pass(1_000)
  const writeText = vi.fn<Clipboard['writeText']>(() => Promise.resolve())
  vi.stubGlobal('navigator', { clipboard: { writeText } })
  doing(() => {
    screen.getByRole('button', { name: 'Copy transcript' }).click()
  })
  await pass(10)
  expect(writeText).toHaveBeenCalledWith(
    [
      'expect(await transcript(run)).toEqual([',
      ...['try ours', 'outage -> mini', 'try mini', '5 characters', 'completed'].map(
        (line) => `  '${line}',`,
      ),
      '])\n',
    ].join('\n'),
  )
  expect(screen.getByText('Copied.')).toBeDefined()
})

test('an llm can be given where there is no provider, and one of both is needed', () => {
  const { llm } = stage()
  render(<RungsDevtools llm={llm} />)
  expect(screen.getByRole('button', { name: 'Rungs' })).toBeDefined()
  vi.spyOn(console, 'error').mockReturnValue()
  expect(() => render(<RungsDevtools />)).toThrow('RungsDevtools needs an llm')
  vi.restoreAllMocks()
})

test('a route is broken from the panel, stays so when it is closed, and is mended there', () => {
  const ours = breakable(scripted({ provider: 'ours' }))
  const { show } = stage()
  show(<RungsDevtools breakable={{ ours }} />)
  open()
  fireEvent.change(screen.getByLabelText('ours'), { target: { value: 'outage' } })
  expect(ours.broken()).toBe('outage')
  fireEvent.keyDown(panel(), { key: 'Escape' })
  open()
  expect(screen.getByLabelText<HTMLSelectElement>('ours').value).toBe('outage')
  fireEvent.change(screen.getByLabelText('ours'), { target: { value: '' } })
  expect(ours.broken()).toBeNull()
})

test('a page with a switch of its own opens it, and is told when it is closed', async () => {
  const { llm, pass, show } = stage()
  const onClose = vi.fn<() => void>()
  const page = show(<RungsDevtools isOpen={false} onClose={onClose} />)
  expect(page.container.textContent).toBe('')
  doing(() => llm.run({ workload: 'chat', prompt: 'Hi' }))
  await pass(2_000)
  page.change(<RungsDevtools isOpen onClose={onClose} />)
  // What ran while it was closed is in it.
  expect(runs()).toHaveLength(1)
  doing(() => {
    screen.getByRole('button', { name: 'Close' }).click()
  })
  fireEvent.keyDown(panel(), { key: 'Escape' })
  expect(onClose).toHaveBeenCalledTimes(2)
})
