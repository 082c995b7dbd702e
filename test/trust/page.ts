// What the pages of these tests load: the published package, for their scripts to use.
import * as core from '@rungs/core'
import { transcript } from '@rungs/core/testing'

const rungs = { ...core, transcript }

declare global {
  interface Window {
    readonly rungs: typeof rungs
  }
}

Object.assign(globalThis, { rungs })
