import type { Page } from './page.ts'
import type { Question } from './users.ts'

/** What a user got for a question. */
export interface Answer {
  readonly isAnswered: boolean
  /** From the question to the first content on the screen, ms; null: none came. */
  readonly firstMs: number | null
  /** When routes that were believed bad were tried for the sake of finding out, epoch ms. */
  readonly probesAt: readonly number[]
  readonly hedges: number
}

/** A policy at work on one page. */
export interface Player {
  readonly ask: (question: Question) => Promise<Answer>
  readonly close?: () => Promise<void>
}

export interface Policy {
  readonly name: string
  readonly open: (page: Page) => Player
}
