import type { ReactElement } from 'react'
import { Copy } from './Copy.tsx'
import { Events } from './Events.tsx'
import { wayOf } from './filter.ts'
import { TONES } from './Filters.tsx'
import { ladderOf } from './ladder.ts'
import { ms } from './ms.ts'
import type { RunRecord } from './record.ts'
import type { Health } from './recorder.ts'
import { Rungs } from './Rungs.tsx'
import { readTimeline, type Timeline } from './timeline.ts'
import { TimelineView } from './TimelineView.tsx'
import { quoteRecord } from './transcript.ts'

export function RunDetail({
  record,
  health,
}: {
  readonly record: RunRecord
  readonly health: Health
}): ReactElement {
  const timeline = readTimeline(record)
  return (
    <>
      <div className="wide">
        <h2>
          {record.started?.workload ?? 'A run under way'} {record.started?.surface}
          <span className={`chip ${TONES[wayOf(record)]}`}>
            {record.settled?.status ?? 'running'}
          </span>
        </h2>
        <Facts record={record} timeline={timeline} />
        <TimelineView timeline={timeline} />
      </div>
      <div>
        <h2>Ladder</h2>
        <Rungs rungs={ladderOf(timeline)} health={health} />
      </div>
      <div className="tall">
        <h2>Events</h2>
        <Events facts={record.facts} />
        <h2>Transcript</h2>
        <Copy text={quoteRecord(record)} />
      </div>
    </>
  )
}

function Facts({
  record: { started, settled },
  timeline: { degraded, plan },
}: {
  readonly record: RunRecord
  readonly timeline: Timeline
}): ReactElement {
  const entries = [
    ['tier', started?.tier],
    ['surface', started?.surface],
    ['thread', started?.thread],
    ['arm', plan?.arm && `${plan.arm.arm} of ${plan.arm.experiment}`],
    ['degraded', degraded && `${degraded.to} instead of ${degraded.from}: ${degraded.cause}`],
    ['finish', settled?.finish],
    ['first content', settled && ms(settled.latency.firstContentMs)],
    ['painted', settled && ms(settled.latency.firstPaintMs)],
    ['longest gap', settled && ms(settled.latency.longestGapMs)],
    ['total', settled && ms(settled.latency.totalMs)],
    ['length', settled && `${settled.chars} characters`],
    [
      'tokens',
      settled?.usage && `${settled.usage.inputTokens} in, ${settled.usage.outputTokens} out`,
    ],
    ['cost', typeof settled?.costUsd === 'number' && `$${settled.costUsd.toFixed(5)}`],
  ] as const
  return (
    <dl>
      {entries.map(([name, value]) =>
        value ? (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  )
}
