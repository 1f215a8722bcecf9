export {
  type Answer,
  type Delivery,
  type Demeanour,
  type Input,
  Rehearsal,
  type RehearsalOptions,
} from './rehearsal.ts';
export { StillClock } from './still-clock.ts';
export { readSuite, SUITE_SUFFIX } from './suite/read-suite.ts';
export { type Failure, runSuite, type RunSettings, type TestResult } from './suite/run-suite.ts';
export type { PipelineTest, Suite } from './suite/suite.ts';
export { explain, type ExplainOptions } from './explain/explain.ts';
export type * from './explain/explanation.ts';
export { readInput } from './explain/read-input.ts';
