import type { Inp, Strain } from '../words/world.ts'
import type { RunRow } from './rows.ts'

type Told =
  | 'long_frames'
  | 'blocking_ms'
  | 'stream_script_ms'
  | 'inp_ms'
  | 'page_inp_ms'
  | 'page_inp_part'

/** What a run's row says of how the page answered meanwhile, as far as that is known. */
export type Answering = { readonly [Field in Told]?: RunRow[Field] | null }

interface Answered {
  readonly vitals: Answering
  readonly revision: number
}

/** Take in what the browser has told of the page so far. */
export function reduceVitals<Folded extends Answered>(
  folded: Folded,
  { longFrames, blockingMs, streamMs, inpMs }: Strain,
): Folded {
  const told: Answering = {
    long_frames: longFrames,
    blocking_ms: blockingMs,
    stream_script_ms: streamMs,
    inp_ms: inpMs,
  }
  const { vitals, revision } = folded
  const isSame = (vitals.long_frames ?? null) === longFrames && (vitals.inp_ms ?? null) === inpMs
  return isSame ? folded : { ...folded, vitals: { ...vitals, ...told }, revision: revision + 1 }
}

/** Take in the page's INP, which fell into this run; null where it is elsewhere by now. */
export function reduceInp<Folded extends Answered>(folded: Folded, inp: Inp | null): Folded {
  const told: Answering = { page_inp_ms: inp?.ms ?? null, page_inp_part: inp?.part ?? null }
  return {
    ...folded,
    vitals: { ...folded.vitals, ...told },
    revision: folded.revision + 1,
  }
}
