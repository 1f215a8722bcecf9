/** Load for pipelines: diverse telemetry, sent on schedule, counted on arrival. */
export { Arrivals, type ArrivalTotals, type RunTotals } from './arrivals.ts';
export { LatencyHistogram } from './latency-histogram.ts';
export { newRun } from './load-id.ts';
export { openLoadClient, type LoadClient, type LoadOutcome, type LoadTarget } from './load-client.ts';
export {
  distinctRequests,
  LOAD_COMPRESSIONS,
  LoadRequests,
  requestOf,
  type LoadCompression,
  type LoadRequest,
  type LoadSignal,
} from './load-requests.ts';
export { isFlawless, reportOf, reportText, type LoadReport, type Verification } from './load-report.ts';
export { LoadRun, type LoadCounts, type LoadRunSettings } from './load-run.ts';
export { NumberSet } from './number-set.ts';
export { parseRate, Schedule, type ScheduleSettings } from './schedule.ts';
export { SHAPE_NAMES, shapeOf, type Shape, type ShapeName } from './shape.ts';
