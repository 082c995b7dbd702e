export { checkRow, readBatch, type Batch, type Checked, type Verdict } from './check.ts'
export { createCollector, type Collector, type CollectorOptions } from './collector.ts'
export {
  clickhouseSchema,
  clickhouseViews,
  duckdbSchema,
  type Dialect,
  type Row,
} from './columns.ts'
export { questions, readQuestion, type Question } from './questions.ts'
export { openRelay } from './relay.ts'
export { openStore, type Answer, type Keeper, type Store } from './store.ts'
