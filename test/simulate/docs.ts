import { readFileSync, writeFileSync } from 'node:fs'

const DOCS = new URL('../../docs/', import.meta.url)
const PAGE = new URL('simulation.md', DOCS)

/** Put what a command has found between its marks in `docs/simulation.md`. */
export function writeSection(name: string, markdown: string): void {
  const page = readFileSync(PAGE, 'utf8')
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/simulation.md has no marks for ${name}`)
  writeFileSync(PAGE, `${page.slice(0, from + start.length)}\n\n${markdown}\n\n${page.slice(to)}`)
}

export function writePlot(file: string, svg: string): void {
  writeFileSync(new URL(file, DOCS), svg)
}
