import type { ProfileSampleView, ProfileView, ValueTypeView } from '@millrace/otlp';
import { OttlRuntimeError } from '../ottl-error.ts';
import { Id } from '../value/id.ts';
import { Time } from '../value/time.ts';
import { isList, Part, typeName, type Value, type ValueType } from '../value/value.ts';
import * as f from './field.ts';

/** Elements of a list that all are of one type. nil is the empty list. */
function elements<T extends Value>(value: Value, shown: string, is: (each: Value) => each is T): readonly T[] {
  if (value === null) return [];
  if (!isList(value) || !value.every(is)) throw new OttlRuntimeError(`expects ${shown} but got ${typeName(value)}`);
  return value;
}

const isInt = (value: Value): value is bigint => typeof value === 'bigint';
const isTime = (value: Value): value is Time => value instanceof Time;

/** A list of integers that views have in another form. */
function intsField<View>(
  get: (view: View) => readonly bigint[],
  set: (view: View, ints: readonly bigint[]) => void,
): f.Field<View> {
  return {
    shown: '[]int64',
    type: 'list',
    isIndexable: true,
    get,
    set: (view, value) => set(view, elements(value, '[]int64', isInt)),
  };
}

const attributeIndices = intsField<ProfileView | ProfileSampleView>(
  (view) => view.attributeIndices.map((index) => BigInt(index)),
  (view, ints) => {
    view.attributeIndices = ints.map((index) => Number(BigInt.asIntN(32, index)));
  },
);

/** An int64 that is written by `set`. */
function intField<View>(get: (view: View) => bigint, set: (view: View, value: bigint) => void): f.Field<View> {
  return {
    shown: 'int64',
    type: 'int',
    get,
    set: (view, value) => {
      f.expectType(value, 'int', isInt(value));
      set(view, value as bigint);
    },
  };
}

const duration = intField<ProfileView>(
  (profile) => BigInt.asIntN(64, profile.durationNano),
  (profile, value) => {
    if (value < 0n) throw new OttlRuntimeError('duration_unix_nano must be non-negative');
    profile.durationNano = value;
  },
);

const VALUE_TYPE = 'pprofile.ValueType';

/** A type and unit, whole and by its parts. */
function valueTypePaths(
  name: string,
  of: (profile: ProfileView) => ValueTypeView,
): Readonly<Record<string, f.Field<ProfileView>>> {
  const part = (key: 'type' | 'unit'): f.Field<ProfileView> => ({
    shown: 'string',
    type: 'string',
    get: (profile) => {
      const text = of(profile)[key];
      if (text === undefined)
        throw new OttlRuntimeError(`${name}.${key} has the index ${of(profile)[`${key}Index`]}, which is out of range`);
      return text;
    },
    set: (profile, value) => {
      f.expectType(value, 'string', typeof value === 'string');
      of(profile)[key] = value as string;
    },
  });
  return {
    [name]: {
      shown: VALUE_TYPE,
      type: 'part' satisfies ValueType,
      get: (profile) => new Part(VALUE_TYPE, of(profile)),
      set: (profile, value) => {
        if (!(value instanceof Part) || value.type !== VALUE_TYPE)
          throw new OttlRuntimeError(`expects ${VALUE_TYPE} but got ${typeName(value)}`);
        const { type, unit } = value.owner as ValueTypeView;
        const target = of(profile);
        if (type !== undefined) target.type = type;
        if (unit !== undefined) target.unit = unit;
      },
    },
    [`${name}.type`]: part('type'),
    [`${name}.unit`]: part('unit'),
  };
}

/** Other ids may be taken away by setting them to zeros. */
function noEmptyId(field: f.Field<ProfileView>): f.Field<ProfileView> {
  return {
    ...field,
    set: (profile, value) => {
      const isEmpty = value instanceof Id ? value.isEmpty : typeof value === 'string' && /^0+$/.test(value);
      if (isEmpty) throw new OttlRuntimeError('profile ids must not be empty');
      field.set!(profile, value);
    },
  };
}

export const PROFILE_PATHS: f.PathTable<ProfileView> = {
  attribute_indices: attributeIndices,
  attributes: f.attributesField('attributes'),
  dropped_attributes_count: f.int32Field('droppedAttributesCount', 'unsigned'),
  duration,
  duration_unix_nano: duration,
  original_payload: {
    shown: '[]byte',
    type: 'bytes',
    get: (profile) => profile.originalPayload,
    set: (profile, value) => {
      f.expectType(value, 'bytes', value instanceof Uint8Array);
      profile.originalPayload = value as Uint8Array;
    },
  },
  original_payload_format: f.stringField('originalPayloadFormat'),
  period: intField(
    (profile) => profile.period,
    (profile, value) => {
      profile.period = value;
    },
  ),
  ...valueTypePaths('period_type', (profile) => profile.periodType),
  profile_id: noEmptyId(f.idField('profileId', 'profile')),
  'profile_id.string': noEmptyId(f.idTextField('profileId', 'profile')),
  sample: f.partField('pprofile.SampleSlice', (profile) => profile.sampleCount),
  ...valueTypePaths('sample_type', (profile) => profile.sampleType),
  time: f.timeField('timeUnixNano'),
  time_unix_nano: f.nanosField('timeUnixNano'),
};

const LINK_INDEX_MAX = 2n ** 31n - 1n;

export const PROFILE_SAMPLE_PATHS: f.PathTable<ProfileSampleView> = {
  attribute_indices: attributeIndices,
  attributes: f.attributesField('attributes'),
  link_index: intField(
    (sample) => BigInt(sample.linkIndex),
    (sample, value) => {
      if (value >= LINK_INDEX_MAX) throw new OttlRuntimeError(`link_index must be less than ${LINK_INDEX_MAX}`);
      sample.linkIndex = Number(BigInt.asIntN(32, value));
    },
  ),
  timestamps: {
    shown: '[]time.Time',
    type: 'list',
    get: (sample) => sample.timestampsUnixNano.map((time) => new Time(time)),
    set: (sample, value) => {
      const times = elements(value, '[]time.Time', isTime);
      sample.timestampsUnixNano = times.map((time) => BigInt.asUintN(64, time.unixNanos));
    },
  },
  timestamps_unix_nano: intsField(
    (sample) => sample.timestampsUnixNano.map((time) => BigInt.asIntN(64, time)),
    (sample, ints) => {
      sample.timestampsUnixNano = ints.map((time) => BigInt.asUintN(64, time));
    },
  ),
  values: intsField(
    (sample) => sample.values,
    (sample, ints) => {
      sample.values = ints;
    },
  ),
};
