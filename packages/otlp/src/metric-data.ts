import type { ByteWriter } from './byte-writer.ts';

const DATA_POINTS = 1;
const TEMPORALITY = 2;
const IS_MONOTONIC = 3;

/** What a metric becomes. */
export interface MetricData {
  readonly type: 'gauge' | 'sum' | 'histogram';
  /** 0 for gauges. */
  readonly aggregationTemporality: number;
  readonly isMonotonic: boolean;
  /** The data points' protobuf messages. */
  readonly points: readonly Uint8Array[];
}

/** Writes the body of a gauge, sum or histogram. */
export function writeMetricData(out: ByteWriter, { points, aggregationTemporality, isMonotonic }: MetricData): void {
  for (const point of points) out.bytesField(DATA_POINTS, point);
  if (aggregationTemporality !== 0) out.int64Field(TEMPORALITY, aggregationTemporality);
  if (isMonotonic) out.boolField(IS_MONOTONIC, true);
}
