export { createVirtualDisk, type VirtualDisk } from './testing/disk.ts'
export {
  CUT,
  HANG,
  HANG_BEFORE_HEADERS,
  scripted,
  type Beat,
  type Script,
  type ScriptedOptions,
} from './testing/scripted.ts'
export { tellEvents, transcript } from './testing/transcript.ts'
export { createVirtualWorld, type VirtualWorld } from './testing/world.ts'
export { breakable, type BreakableRoute, type Breakage } from './wire/breakable.ts'
