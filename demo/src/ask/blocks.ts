export type Block =
  | { readonly type: 'paragraph'; readonly text: string }
  | { readonly type: 'bullets'; readonly items: readonly string[] }
  | { readonly type: 'numbers'; readonly start: number; readonly items: readonly string[] }

const BULLET = /^\s*[-*•]\s+/
const HEADING = /^#{1,6}\s+(.*?)\**$/
const NUMBER = /^\s*(\d+)[.)]\s+/
/** A list mark whose item has not come yet; shown as text it would jump. */
const BARE_MARK = /\n\s*(?:[-*•]|\d+[.)]?)\s*$/

/** Paragraphs and lists out of the plain marks that models write, as far as the text has come. */
export function toBlocks(text: string): readonly Block[] {
  const blocks: Block[] = []
  let isApart = true
  for (const line of text.replace(BARE_MARK, '').split('\n')) {
    if (line.trim() === '') isApart = true
    else {
      const last = blocks.at(-1)
      const next = toBlock(line)
      const joined = last && join(last, next, isApart)
      if (joined) blocks[blocks.length - 1] = joined
      else blocks.push(next)
      isApart = false
    }
  }
  return blocks
}

function toBlock(line: string): Block {
  if (BULLET.test(line)) return { type: 'bullets', items: [line.replace(BULLET, '')] }
  const number = NUMBER.exec(line)
  if (!number) return { type: 'paragraph', text: line.replace(HEADING, '**$1**') }
  return { type: 'numbers', start: Number(number[1]), items: [line.replace(NUMBER, '')] }
}

/** Items of one list belong together across a blank line; lines of a paragraph do not. */
function join(last: Block, next: Block, isApart: boolean): Block | null {
  if (last.type === 'paragraph') {
    if (next.type !== 'paragraph' || isApart) return null
    return { type: 'paragraph', text: `${last.text}\n${next.text}` }
  }
  if (next.type === last.type) return { ...last, items: [...last.items, ...next.items] }
  if (next.type !== 'paragraph' || isApart) return null
  const end = last.items.length - 1
  return { ...last, items: last.items.with(end, `${last.items[end]}\n${next.text}`) }
}
