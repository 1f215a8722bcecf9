import type { ExemplarView } from '@millrace/otlp';
import * as f from './field.ts';

export const EXEMPLAR_PATHS: f.PathTable<ExemplarView> = {
  /* Each reads 0 where the exemplar has a value of the other type; setting it makes it that type. */
  double_value: {
    shown: 'float64',
    type: 'float',
    get: (exemplar) => (exemplar.valueKind === 'double' ? Number(exemplar.value) : 0),
    set: (exemplar, value) => {
      f.expectType(value, 'float', typeof value === 'number');
      exemplar.asDouble = value as number;
    },
  },
  filtered_attributes: f.attributesField('filteredAttributes'),
  int_value: {
    shown: 'int64',
    type: 'int',
    get: (exemplar) => (exemplar.valueKind === 'int' ? BigInt(exemplar.value!) : 0n),
    set: (exemplar, value) => {
      f.expectType(value, 'int', typeof value === 'bigint');
      exemplar.asInt = value as bigint;
    },
  },
  span_id: f.idField('spanId', 'span'),
  time: f.timeField('timeUnixNano'),
  time_unix_nano: f.nanosField('timeUnixNano'),
  trace_id: f.idField('traceId', 'trace'),
};
