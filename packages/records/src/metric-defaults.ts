import type { ValueMap } from './value.ts';

/** A data point with the type that its fields tell, and cumulative where it sums up and does not say how. */
export function withMetricDefaults(record: ValueMap): ValueMap {
  const type = record.get('type') ?? typeOf(record);
  const isSum = type === 'sum' || type === 'histogram' || type === 'exponential_histogram';
  const temporality = isSum && !record.has('temporality') ? [['temporality', 'cumulative'] as const] : [];
  return new Map([...record, ['type', type], ...temporality]);
}

/** The type that has the fields which are written. */
function typeOf(record: ValueMap): string {
  if (record.has('quantiles')) return 'summary';
  if (record.has('scale') || record.has('positive') || record.has('negative')) return 'exponential_histogram';
  if (record.has('bounds') || record.has('bucket_counts') || record.has('count')) return 'histogram';
  return record.has('temporality') || record.has('monotonic') ? 'sum' : 'gauge';
}
