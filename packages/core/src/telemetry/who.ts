import { newId } from '../store/identity.ts'
import type { World } from '../words/world.ts'

/** The database of what is recorded in this browser. */
export const ARCHIVE = 'rungs-telemetry'
/** Where the salt of hashes is kept. */
const SALT = 'rungs.salt'
const SESSION = 'rungs.session'
/** A session ends after so long without a run, and after so long at all. */
const IDLE_MS = 30 * 60_000
const LONGEST_MS = 24 * 3_600_000

export interface Who {
  /** Never leaves the browser. */
  salt(): string
  /** The session that a run of now is in. */
  session(): string
  forget(): void
}

/** What stands for a user and their visit: random, kept in this browser, and for as long as the page where that refuses. */
export function createWho({ now, random, local }: Pick<World, 'now' | 'random' | 'local'>): Who {
  let ownSalt = ''
  let own: readonly [id: string, since: number, seenAt: number] | null = null
  function read(): typeof own {
    const [id = '', since, seenAt] = (local.read(SESSION) ?? '').split(' ')
    return /^[\da-v]{16}$/.test(id) ? [id, Number(since), Number(seenAt)] : own
  }
  return {
    salt() {
      ownSalt = local.read(SALT) || ownSalt || newId(random)
      local.write(SALT, ownSalt)
      return ownSalt
    },
    session() {
      const at = now()
      const [id, since, seenAt] = read() ?? ['', NaN, NaN]
      const isSame = at - seenAt < IDLE_MS && at - since < LONGEST_MS
      own = isSame ? [id, since, at] : [newId(random), at, at]
      local.write(SESSION, own.join(' '))
      return own[0]
    },
    forget() {
      own = null
      ownSalt = ''
      for (const key of [SALT, SESSION]) if (local.read(key)) local.write(key, '')
    },
  }
}
