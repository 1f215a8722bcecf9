import type { BucketsView, DataPointView } from '@millrace/otlp';
import { OttlRuntimeError } from '../ottl-error.ts';
import { Part, isList, typeName, type Value, type ValueType } from '../value/value.ts';
import * as f from './field.ts';

type Kind = DataPointView['type'];
type PointOf<K extends Kind> = Extract<DataPointView, { readonly type: K }>;

/** A field of data points of some kinds. For others it reads nil, and cannot be set. */
function only<K extends Kind>(kinds: readonly K[], field: f.Field<PointOf<K>>): f.Field<DataPointView> {
  const has = (point: DataPointView): point is PointOf<K> => (kinds as readonly Kind[]).includes(point.type);
  return {
    shown: field.shown,
    type: field.type,
    get: (point) => (has(point) ? field.get(point) : null),
    set: (point, value) => {
      if (!has(point)) throw new OttlRuntimeError(`a data point of type ${point.type} has no such field`);
      field.set!(point, value);
    },
  };
}

function made<View>(
  shown: string,
  type: ValueType,
  get: (view: View) => Value,
  set: (view: View, value: Value) => void,
): f.Field<View> {
  return { shown, type, get, set };
}

type Counted = PointOf<'histogram' | 'exponentialHistogram' | 'summary'>;

function countField<View>(
  get: (view: View) => number | bigint,
  set: (view: View, count: bigint) => void,
): f.Field<View> {
  return made(
    'int64',
    'int',
    (view) => BigInt.asIntN(64, BigInt(get(view))),
    (view, value) => {
      f.expectType(value, 'int', typeof value === 'bigint');
      set(view, BigInt.asUintN(64, value as bigint));
    },
  );
}

function listOf<T extends bigint | number>(
  value: Value,
  type: T extends bigint ? 'bigint' : 'number',
  shown: string,
): T[] {
  if (value === null) return [];
  if (!isList(value) || value.some((each) => typeof each !== type))
    throw new OttlRuntimeError(`expects ${shown} but got ${typeName(value)}`);
  return value as T[];
}

function bucketCountsField<View>(of: (view: View) => { bucketCounts: bigint[] }): f.Field<View> {
  return made(
    '[]uint64',
    'list',
    (view) => of(view).bucketCounts.map((count) => BigInt.asIntN(64, count)),
    (view, value) => {
      const counts = listOf<bigint>(value, 'bigint', '[]uint64');
      of(view).bucketCounts = counts.map((count) => BigInt.asUintN(64, count));
    },
  );
}

type Exponential = PointOf<'exponentialHistogram'>;

function bucketPaths(side: 'positive' | 'negative'): f.PathTable<DataPointView> {
  const of = (point: Exponential): BucketsView => point[side];
  return {
    [side]: only(['exponentialHistogram'], {
      shown: 'pmetric.ExponentialHistogramDataPointBuckets',
      type: 'part',
      get: (point) => new Part('pmetric.ExponentialHistogramDataPointBuckets', of(point)),
      set: (point, value) => {
        if (!(value instanceof Part) || value.owner !== of(point))
          throw new OttlRuntimeError('cannot take buckets over from elsewhere');
      },
    }),
    [`${side}.bucket_counts`]: only(['exponentialHistogram'], bucketCountsField(of)),
    [`${side}.offset`]: only(
      ['exponentialHistogram'],
      made(
        'int64',
        'int',
        (point) => BigInt(of(point).offset),
        (point, value) => {
          f.expectType(value, 'int', typeof value === 'bigint');
          of(point).offset = Number(BigInt.asIntN(32, value as bigint));
        },
      ),
    ),
  };
}

const COUNTED = ['histogram', 'exponentialHistogram', 'summary'] as const;

export const DATA_POINT_PATHS: f.PathTable<DataPointView> = {
  attributes: f.attributesField('attributes'),
  bucket_counts: only(
    ['histogram'],
    bucketCountsField((point) => point),
  ),
  count: only(
    COUNTED,
    countField(
      (point: Counted) => point.count,
      (point, count) => void (point.count = count),
    ),
  ),
  exemplars: only(
    ['number', 'histogram', 'exponentialHistogram'],
    f.partField('pmetric.ExemplarSlice', (p) => p.exemplarCount),
  ),
  explicit_bounds: only(
    ['histogram'],
    made(
      '[]float64',
      'list',
      (point) => point.explicitBounds,
      (point, value) => void (point.explicitBounds = listOf<number>(value, 'number', '[]float64')),
    ),
  ),
  flags: f.int32Field('flags', 'unsigned'),
  ...bucketPaths('negative'),
  ...bucketPaths('positive'),
  quantile_values: only(
    ['summary'],
    f.partField('pmetric.SummaryDataPointValueAtQuantileSlice', () => undefined),
  ),
  scale: only(['exponentialHistogram'], f.int32Field('scale', 'signed')),
  start_time: f.timeField('startTimeUnixNano'),
  start_time_unix_nano: f.nanosField('startTimeUnixNano'),
  sum: only(
    COUNTED,
    made(
      'float64',
      'float',
      (point: Counted) => point.sum ?? 0,
      (point, value) => {
        f.expectType(value, 'float', typeof value === 'number');
        point.sum = value as number;
      },
    ),
  ),
  time: f.timeField('timeUnixNano'),
  time_unix_nano: f.nanosField('timeUnixNano'),
  /* Each reads 0 where the point has a value of the other type; setting it makes it that type. */
  value_double: only(
    ['number'],
    made(
      'float64',
      'float',
      (point) => (point.valueKind === 'double' ? Number(point.value) : 0),
      (point, value) => {
        f.expectType(value, 'float', typeof value === 'number');
        point.asDouble = value as number;
      },
    ),
  ),
  value_int: only(
    ['number'],
    made(
      'int64',
      'int',
      (point) => (point.valueKind === 'int' ? BigInt(point.value!) : 0n),
      (point, value) => {
        f.expectType(value, 'int', typeof value === 'bigint');
        point.asInt = value as bigint;
      },
    ),
  ),
  zero_count: only(
    ['exponentialHistogram'],
    countField(
      (point) => point.zeroCount,
      (point, count) => void (point.zeroCount = count),
    ),
  ),
};
