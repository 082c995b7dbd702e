import type { ReactNode } from 'react'
import { type Block, toBlocks } from './blocks.ts'

/** An answer's text, laid out. Nothing that a model says becomes HTML: these are React elements of text. */
export function Prose({ text }: { text: string }): ReactNode {
  if (text === '') return null
  // blocks only ever grow at the end, so a place in the list is a block's identity
  return <div className="prose">{toBlocks(text).map(draw)}</div>
}

function draw(block: Block, place: number): ReactNode {
  switch (block.type) {
    case 'paragraph':
      return <p key={place}>{toBold(block.text)}</p>
    case 'bullets':
      return <ul key={place}>{block.items.map(drawItem)}</ul>
    case 'numbers':
      return (
        <ol key={place} start={block.start}>
          {block.items.map(drawItem)}
        </ol>
      )
    default:
      return block satisfies never
  }
}

function drawItem(text: string, place: number): ReactNode {
  return <li key={place}>{toBold(text)}</li>
}

function toBold(text: string): ReactNode[] {
  return text.split('**').map(drawPiece)
}

function drawPiece(text: string, place: number): ReactNode {
  return place % 2 === 1 ? <strong key={place}>{text}</strong> : text
}
