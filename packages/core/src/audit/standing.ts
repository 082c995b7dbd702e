import type { Candidate } from '../policy/candidate.ts'
import { createCourse, type Course } from '../run/course.ts'
import { createOutlook, type Outlook } from '../run/outlook.ts'
import { paceOf, type Brief, type Shared } from '../run/survey.ts'
import type { Failure, FailureKind } from '../words/failure.ts'
import { breakOf } from './failures.ts'
import { briefOf, freshPage } from './page.ts'
import type { Scene } from './scene.ts'

/** Where a run stands after a failure: what it has been through, and what the page remembers. */
export interface Standing<Name extends string> {
  readonly on: Candidate<Name>
  readonly failure: Failure<Name>
  readonly shared: Shared<Name>
  readonly brief: Brief<Name>
  readonly course: Course<Name>
  readonly outlook: Outlook<Name>
}

/** The route at `place` has failed by `kind`, `tries` times, when those above it have failed too. */
export function standing<Name extends string>(
  scene: Scene<Name>,
  place: number,
  kind: FailureKind,
  canConfirm: boolean,
  tries: number,
): Standing<Name> {
  const { chain, routes, request } = scene
  const on = chain[place]
  if (!on) throw new RangeError(`there is no place ${place}`)
  const isOffline = kind === 'offline'
  const { failure, hasText: isShown, isBilled } = breakOf(on, kind)
  const above = chain.slice(0, place)
  // Of what was tried before nobody knows if it is charged for, so it is reckoned with.
  const bills = [...above, ...Array.from({ length: isBilled ? tries : 0 }, () => on)]
  const shared = freshPage(routes, !isOffline)
  const brief = briefOf(scene, request, canConfirm, {
    usd: sumUsd(bills),
    ownUsd: sumUsd(bills.filter(({ payer }) => payer === 'product')),
  })
  const course = createCourse<Name>()
  const outlook = createOutlook(shared, brief, { activeMs: () => 0 }, course, () => false)
  if (isShown) {
    shared.book.answered(on, paceOf(brief, on), on.expected.waitMs[0])
    course.shown = { by: failure, finish: null }
  }
  for (let once = 1; once <= tries; once += 1) {
    if (once > 1) shared.book.spendRetry(on)
    shared.book.failed(on, failure, false)
  }
  for (const { name } of above) course.tries.set(name, 1)
  // Being offline is no try.
  if (!isOffline) course.tries.set(on.name, tries)
  course.requests = place + (isOffline ? 0 : tries)
  course.kinds.set(on.name, kind)
  course.spentUsd = sumUsd(bills)
  return { on, failure, shared, brief, course, outlook }
}

function sumUsd(bills: readonly Candidate[]): number {
  return bills.reduce((sum, { expected }) => sum + (expected.costUsd ?? 0), 0)
}
