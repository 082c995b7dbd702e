import type { WireEvent } from '../words/wire.ts'

const NAME = /^[\w.:/@-]{1,128}$/

/** Tells the first name of a model in a stream. Hosts say it with every piece; some leave it empty at first. */
export function modelTeller(tell: (event: WireEvent) => void): (model: unknown) => void {
  let isTold = false
  return (model) => {
    if (isTold || typeof model !== 'string' || !NAME.test(model)) return
    isTold = true
    tell({ type: 'model', model })
  }
}
