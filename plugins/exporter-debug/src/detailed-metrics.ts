import type {
  DataPointView,
  ExemplarView,
  ExponentialHistogramDataPointView,
  HistogramDataPointView,
  MetricsBatch,
  MetricView,
  NumberDataPointView,
  SummaryDataPointView,
} from '@millrace/otlp';
import { fixed, timeText } from './go-format.ts';
import { metricTypeName, temporalityName } from './names.ts';
import { TextLines, writeResource, writeScope } from './text-lines.ts';

/** Everything that metrics say. */
export function detailedMetrics(batch: MetricsBatch): string {
  const lines = new TextLines();
  let resources = 0;
  for (const resource of batch.resources) {
    writeResource(lines, `ResourceMetrics #${resources++}`, resource);
    let scopes = 0;
    for (const scope of resource.scopes) {
      writeScope(lines, 'ScopeMetrics', scopes++, scope);
      let metrics = 0;
      for (const metric of scope.metrics) {
        lines.line(`Metric #${metrics++}`);
        writeDescriptor(lines, metric);
        let points = 0;
        for (const point of metric.dataPoints) writePoint(lines, point, points++);
      }
    }
  }
  return lines.toString();
}

function writeDescriptor(lines: TextLines, metric: MetricView): void {
  const { type } = metric;
  lines.line('Descriptor:');
  lines.line(`     -> Name: ${metric.name}`);
  lines.line(`     -> Description: ${metric.description}`);
  lines.line(`     -> Unit: ${metric.unit}`);
  lines.line(`     -> DataType: ${metricTypeName(type)}`);
  if (type === 'sum') lines.line(`     -> IsMonotonic: ${metric.isMonotonic}`);
  if (type === 'sum' || type === 'histogram' || type === 'exponentialHistogram') {
    lines.line(`     -> AggregationTemporality: ${temporalityName(metric.aggregationTemporality)}`);
  }
}

function writePoint(lines: TextLines, point: DataPointView, index: number): void {
  lines.line(`${metricTypeName(point.type)}DataPoints #${index}`);
  lines.attributes('Data point attributes', point.attributes);
  lines.line(`StartTimestamp: ${timeText(point.startTimeUnixNano)}`);
  lines.line(`Timestamp: ${timeText(point.timeUnixNano)}`);
  switch (point.type) {
    case 'number':
      writeNumber(lines, point, '');
      break;
    case 'histogram':
      writeHistogram(lines, point);
      break;
    case 'exponentialHistogram':
      writeExponential(lines, point);
      break;
    case 'summary':
      writeSummary(lines, point);
      return;
  }
  writeExemplars(lines, point.exemplars);
}

function writeNumber(lines: TextLines, point: NumberDataPointView | ExemplarView, indent: string): void {
  const { value, valueKind } = point;
  if (value === undefined) return;
  lines.line(`${indent}Value: ${valueKind === 'double' ? fixed(Number(value)) : value}`);
}

function writeCounts(lines: TextLines, point: HistogramDataPointView | ExponentialHistogramDataPointView): void {
  const { sum, min, max } = point;
  lines.line(`Count: ${point.count}`);
  if (sum !== undefined) lines.line(`Sum: ${fixed(sum)}`);
  if (min !== undefined) lines.line(`Min: ${fixed(min)}`);
  if (max !== undefined) lines.line(`Max: ${fixed(max)}`);
}

function writeHistogram(lines: TextLines, point: HistogramDataPointView): void {
  writeCounts(lines, point);
  for (const [index, bound] of point.explicitBounds.entries()) lines.line(`ExplicitBounds #${index}: ${fixed(bound)}`);
  for (const [index, count] of point.bucketCounts.entries()) lines.line(`Buckets #${index}, Count: ${count}`);
}

/** Buckets in the order of their values; bucket i of scale s begins at 2^(i * 2^-s). */
function writeExponential(lines: TextLines, point: ExponentialHistogramDataPointView): void {
  writeCounts(lines, point);
  const factor = Math.LN2 * 2 ** -point.scale;
  const bound = (index: number) => Math.exp(index * factor);
  const negative = [...point.negative.bucketCounts.entries()].toReversed();
  for (const [at, count] of negative) {
    const index = point.negative.offset + at;
    lines.line(`Bucket [${fixed(-bound(index + 1))}, ${fixed(-bound(index))}), Count: ${count}`);
  }
  if (Number(point.zeroCount) !== 0) lines.line(`Bucket [0, 0], Count: ${point.zeroCount}`);
  for (const [at, count] of point.positive.bucketCounts.entries()) {
    const index = point.positive.offset + at;
    lines.line(`Bucket (${fixed(bound(index))}, ${fixed(bound(index + 1))}], Count: ${count}`);
  }
}

function writeSummary(lines: TextLines, point: SummaryDataPointView): void {
  lines.line(`Count: ${point.count}`);
  lines.line(`Sum: ${fixed(point.sum)}`);
  let quantiles = 0;
  for (const { quantile, value } of point.quantileValues) {
    lines.line(`QuantileValue #${quantiles++}: Quantile ${fixed(quantile)}, Value ${fixed(value)}`);
  }
}

function writeExemplars(lines: TextLines, exemplars: Iterable<ExemplarView>): void {
  let index = 0;
  for (const exemplar of exemplars) {
    if (index === 0) lines.line('Exemplars:');
    lines.line(`Exemplar #${index++}`);
    lines.line(`     -> Trace ID: ${exemplar.traceId}`);
    lines.line(`     -> Span ID: ${exemplar.spanId}`);
    lines.line(`     -> Timestamp: ${timeText(exemplar.timeUnixNano)}`);
    writeNumber(lines, exemplar, '     -> ');
    lines.attributes('     -> FilteredAttributes', exemplar.filteredAttributes, '     ');
  }
}
