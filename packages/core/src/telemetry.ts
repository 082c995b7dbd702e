export { reduceReport, unreported, type Reported, type RunFacts } from './telemetry/fold.ts'
export { createNames, isName, type Names } from './telemetry/names.ts'
export { reportsOf, withFeedback, type ReportContext, type Sampling } from './telemetry/report.ts'
export type { AttemptRow, RunRow, SharedRow } from './telemetry/rows.ts'
export {
  FIELDS,
  fieldOf,
  fits,
  fitsOwn,
  MOST_OWN,
  otelName,
  ownOf,
  type Field,
} from './telemetry/schema.ts'
export type { Report } from './words/telemetry.ts'
export { SCHEMA } from './telemetry/version.ts'
