import { LEAVING } from './browser.ts'
import type { Weather } from './home.ts'

/** What befalls the pages of a product, and how they are left. */
export interface Trouble {
  readonly name: string
  /** In turn. */
  readonly ways: readonly (keyof typeof LEAVING)[]
  readonly weather: Weather
  /** `refused`: the user has forbidden it; `full`: no byte is left; `flaky`: now and then no byte is left. */
  readonly storage: 'well' | 'refused' | 'full' | 'flaky'
  /** The network is gone for an hour. */
  readonly isOffline: boolean
}

const ALL = Object.keys(LEAVING)
function trouble(name: string, given: Partial<Trouble>): Trouble {
  return { name, ways: ALL, weather: 'well', storage: 'well', isOffline: false, ...given }
}

export const TROUBLES: readonly Trouble[] = [
  ...ALL.map((way) => trouble(way, { ways: [way] })),
  trouble('the collector answers 500', { weather: '500' }),
  trouble('the collector answers 429', { weather: '429' }),
  trouble('the collector hangs', { weather: 'hangs' }),
  trouble('the collector is not heard', { weather: 'unheard' }),
  // There is nowhere to navigate to.
  trouble('offline for an hour', {
    isOffline: true,
    ways: ALL.filter((way) => way !== 'navigate'),
  }),
  trouble('storage fails now and then', { storage: 'flaky' }),
  // Without storage, what a page has is gone with it unless it can hand it over.
  trouble('storage is full', { storage: 'full', ways: ['navigate', 'close'] }),
  trouble('storage is refused', { storage: 'refused', ways: ['navigate', 'close'] }),
]
