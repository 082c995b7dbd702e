// Plots as SVG that stand in a page by themselves: no script, no font of their own, and colours for light and dark.

type Tone = 'one' | 'two' | 'three' | 'quiet'

/** Colours of the Okabe and Ito palette, which colour-blind readers can tell apart; lighter on dark. */
const STYLE = `<style>
svg { --ink: #1f2328; --soft: #59636e; --grid: #d1d9e0; --band: #59636e1f; --one: #0072b2; --two: #d55e00; --three: #009e73; --quiet: #818b98 }
@media (prefers-color-scheme: dark) {
  svg { --ink: #f0f6fc; --soft: #9198a1; --grid: #3d444d; --band: #9198a12e; --one: #56b4e9; --two: #e69f00; --three: #2fc79a; --quiet: #9198a1 }
}
text { font: 12px system-ui, sans-serif; fill: var(--soft) }
.title { font-size: 13px; font-weight: 600; fill: var(--ink) }
.grid { stroke: var(--grid); stroke-width: 1; shape-rendering: crispEdges }
.band { fill: var(--band) }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.dashed { stroke-dasharray: 5 4 }
.area { opacity: 0.35 }
</style>`

function stroke(tone: Tone): string {
  return `style="stroke: var(--${tone})"`
}
function fill(tone: Tone): string {
  return `style="fill: var(--${tone})"`
}

export interface Series {
  readonly name: string
  readonly tone: Tone
  /** One for each slice of time. */
  readonly values: readonly number[]
  readonly as: 'line' | 'dashed' | 'area'
}
export interface TimePlot {
  /** What a reader who does not see it is told. */
  readonly description: string
  readonly sliceMs: number
  readonly band: { readonly fromMs: number; readonly toMs: number; readonly label: string }
  readonly panels: readonly { readonly title: string; readonly series: readonly Series[] }[]
}

const WIDTH = 760
const LEFT = 52
const RIGHT = 16
const PANEL = 168
const PANEL_GAP = 76
const TOP = 44

/** Loads over time, one panel below the other on the same scales. */
export function plotTimes({ description, sliceMs, band, panels }: TimePlot): string {
  const all = panels.flatMap(({ series }) => series)
  const slices = Math.max(...all.map(({ values }) => values.length))
  const most = niceAbove(Math.max(...all.flatMap(({ values }) => values)))
  const x = (ms: number): number => LEFT + (ms / (slices * sliceMs)) * (WIDTH - LEFT - RIGHT)
  const minutes = (slices * sliceMs) / 60_000
  const parts = panels.flatMap(({ title, series }, index) => {
    const top = TOP + index * (PANEL + PANEL_GAP)
    const bottom = top + PANEL
    const y = (value: number): number => bottom - (value / most) * PANEL
    const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => share * most)
    const points = (values: readonly number[]): string =>
      values
        .map((value, slice) => `${round(x((slice + 0.5) * sliceMs))},${round(y(value))}`)
        .join(' ')
    let legendX = LEFT
    return [
      text(LEFT, top - 28, title, 'class="title"'),
      ...series.flatMap(({ name, tone, as }) => {
        const at = legendX
        legendX += 36 + name.length * 6.4
        const key =
          as === 'area'
            ? `<rect class="area" x="${at}" y="${top - 19}" width="16" height="9" ${fill(tone)}/>`
            : `<line class="line ${as}" x1="${at}" x2="${at + 16}" y1="${top - 14}" y2="${top - 14}" ${stroke(tone)}/>`
        return [key, text(at + 21, top - 10, name)]
      }),
      `<rect class="band" x="${round(x(band.fromMs))}" y="${top}" width="${round(x(band.toMs) - x(band.fromMs))}" height="${PANEL}"/>`,
      text(x(band.fromMs) + 6, top + 14, band.label),
      ...steps.flatMap((step) => [
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(step))}" y2="${round(y(step))}"/>`,
        text(LEFT - 7, y(step) + 4, step.toLocaleString('en-US'), 'text-anchor="end"'),
      ]),
      ...Array.from({ length: Math.floor(minutes / 2) + 1 }, (_, tick) =>
        text(x(tick * 120_000), bottom + 17, `${tick * 2}`, 'text-anchor="middle"'),
      ),
      ...series.map(({ values, tone, as }) => {
        const [first, last] = [x(0.5 * sliceMs), x((values.length - 0.5) * sliceMs)]
        return as === 'area'
          ? `<polygon class="area" points="${round(first)},${bottom} ${points(values)} ${round(last)},${bottom}" ${fill(tone)}/>`
          : `<polyline class="line ${as}" points="${points(values)}" ${stroke(tone)}/>`
      }),
    ]
  })
  const height = TOP + panels.length * (PANEL + PANEL_GAP) - PANEL_GAP + 42
  parts.push(text(WIDTH - RIGHT, height - 6, 'minutes', 'text-anchor="end"'))
  return svg(height, description, parts)
}

export interface DotPlot {
  readonly description: string
  readonly title: string
  /** On the axis, in its unit. */
  readonly ticks: readonly number[]
  readonly unit: string
  readonly rows: readonly {
    readonly name: string
    readonly tone: Tone
    /** From the least to the most. */
    readonly dots: readonly number[]
    /** At the end of the row. */
    readonly note: string
  }[]
  /** What the dots of a row are, and the notes. */
  readonly legend: string
}

const NAMES = 176
const NOTES = 84
const ROW = 27

/** A row of dots for each name, on a logarithmic axis. */
export function plotDots({ description, title, ticks, unit, rows, legend }: DotPlot): string {
  const [least = 1] = ticks
  const most = ticks.at(-1) ?? 1
  const x = (value: number): number =>
    NAMES + (Math.log(value / least) / Math.log(most / least)) * (WIDTH - NAMES - NOTES - 16)
  const bottom = TOP + rows.length * ROW
  const parts = [
    text(0, 14, title, 'class="title"'),
    text(0, 32, legend),
    ...ticks.flatMap((tick) => [
      `<line class="grid" x1="${round(x(tick))}" x2="${round(x(tick))}" y1="${TOP}" y2="${bottom}"/>`,
      text(x(tick), bottom + 17, `${tick} ${unit}`, 'text-anchor="middle"'),
    ]),
    ...rows.flatMap(({ name, tone, dots, note }, index) => {
      const y = TOP + (index + 0.5) * ROW
      const [first = least] = dots
      return [
        text(NAMES - 14, y + 4, name, 'text-anchor="end" style="fill: var(--ink)"'),
        `<line class="line" x1="${round(x(first))}" x2="${round(x(dots.at(-1) ?? first))}" y1="${y}" y2="${y}" style="stroke: var(--${tone}); opacity: 0.45"/>`,
        ...dots.map(
          (dot, nth) =>
            `<circle cx="${round(x(dot))}" cy="${y}" r="${3 + nth * 0.7}" ${fill(tone)}/>`,
        ),
        text(WIDTH - 4, y + 4, note, 'text-anchor="end"'),
      ]
    }),
  ]
  return svg(bottom + 26, description, parts)
}

function svg(height: number, description: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(description)}</title>`,
    STYLE,
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function text(x: number, y: number, said: string, rest = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${rest}>${escaped(said)}</text>`
}

function escaped(said: string): string {
  return said.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** The next of 1, 2, 3, 4, 6, 8 times a power of ten, so that quarters of it are round. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 3, 4, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power
}
