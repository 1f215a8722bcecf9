import { formatDuration } from '@millrace/config';
import type { Field } from './field.ts';
import { LOG_FIELDS, POINT_FIELDS, SPAN_FIELDS } from './fields.ts';
import { nanosOf } from './forms.ts';
import { diffFields, type FieldChange } from './record-diff.ts';
import { withMetricDefaults } from './metric-defaults.ts';
import type { RecordSignal, TelemetryRecord } from './telemetry-record.ts';
import { isList, isMap, type Value, type ValueMap } from './value.ts';

/** `exact`: there is nothing but what is expected. `subset`: what is expected is there. */
export type Strictness = 'exact' | 'subset';

/**
 * What is different from what somebody wrote. Times, and ids of spans, that are not written are not compared; a null
 * says that a field, or an attribute, is not there.
 */
export function differences(expected: ValueMap, actual: TelemetryRecord, strictness: Strictness): FieldChange[] {
  const { signal, fields } = actual;
  const found = expected.has('duration') ? withDuration(fields) : fields;
  if (strictness === 'subset') {
    const compared = projected(found, expected);
    return diffFields(withoutAbsent(expected, compared), compared);
  }
  const compared = withoutFilledIn(found, expected, FIELDS[signal]);
  const wanted = signal === 'metrics' ? withMetricDefaults(expected) : expected;
  return diffFields(withoutAbsent(wanted, compared), compared);
}

const FIELDS: Readonly<Record<RecordSignal, readonly Field[]>> = {
  logs: LOG_FIELDS,
  traces: SPAN_FIELDS,
  metrics: POINT_FIELDS,
};

function withDuration(record: ValueMap): ValueMap {
  const [start, end] = [nanosOf(record.get('start') ?? null), nanosOf(record.get('end') ?? null)];
  if (start === undefined || end === undefined) return record;
  return new Map([...record, ['duration', formatDuration(Number(end - start) / 1e6)]]);
}

/** In events and exemplars, too. */
function withoutFilledIn(actual: ValueMap, expected: ValueMap, fields: readonly Field[]): ValueMap {
  const kept = new Map<string, Value>();
  for (const [name, value] of actual) {
    const field = fields.find(
      (each) => each.name === name && (each.form.fields !== undefined || each.isFilledIn === true),
    );
    const written = expected.get(name);
    if (field?.isFilledIn === true && written === undefined) continue;
    const inner = field?.form.fields;
    if (inner !== undefined && isList(value)) {
      const items = isList(written) ? written : [];
      kept.set(
        name,
        value.map((item, index) => itemWithoutFilledIn(item, items[index], inner)),
      );
    } else {
      kept.set(name, value);
    }
  }
  return kept;
}

function itemWithoutFilledIn(actual: Value, expected: Value | undefined, fields: readonly Field[]): Value {
  return isMap(actual) ? withoutFilledIn(actual, isMap(expected) ? expected : new Map(), fields) : actual;
}

/** Only what is also expected, down to the keys of maps. */
function projected(actual: ValueMap, expected: ValueMap): ValueMap {
  const kept = new Map<string, Value>();
  for (const [name, wanted] of expected) {
    const value = actual.get(name);
    if (value === undefined) continue;
    kept.set(name, isMap(wanted) && isMap(value) ? projected(value, wanted) : value);
  }
  return kept;
}

/** Without the nulls for what is indeed not there. */
function withoutAbsent(expected: ValueMap, actual: ValueMap | undefined): ValueMap {
  const kept = new Map<string, Value>();
  for (const [name, value] of expected) {
    const found = actual?.get(name);
    if (value === null && found === undefined) continue;
    const inner = isMap(value) ? withoutAbsent(value, isMap(found) ? found : undefined) : value;
    if (isMap(inner) && inner.size === 0 && found === undefined) continue;
    kept.set(name, inner);
  }
  return kept;
}
