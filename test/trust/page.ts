// What the pages of these tests load: the published package, for their scripts to use.
import * as core from '@rungs/core'
import { transcript } from '@rungs/core/testing'
import { lookAround, playAll } from './play.ts'

declare global {
  interface Window {
    readonly rungs: typeof core & { readonly transcript: typeof transcript }
    readonly playAll: typeof playAll
    readonly lookAround: typeof lookAround
  }
}

Object.assign(window, { rungs: Object.assign({ transcript }, core), playAll, lookAround })
