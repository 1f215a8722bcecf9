import type { LogRecordView } from '@millrace/otlp';
import { readField } from '../value/attribute-values.ts';
import { asString } from '../value/text.ts';
import * as f from './field.ts';

export const LOG_PATHS: f.PathTable<LogRecordView> = {
  attributes: f.attributesField('attributes'),
  body: f.anyValueField('bodyField'),
  'body.string': {
    shown: 'string',
    type: 'string',
    get: (record) => asString(readField(record.bodyField)),
    set: (record, value) => {
      f.expectType(value, 'string', typeof value === 'string');
      record.bodyField.value = value as string;
    },
  },
  dropped_attributes_count: f.int32Field('droppedAttributesCount', 'unsigned'),
  event_name: f.stringField('eventName'),
  flags: f.int32Field('flags', 'unsigned'),
  observed_time: f.timeField('observedTimeUnixNano'),
  observed_time_unix_nano: f.nanosField('observedTimeUnixNano'),
  severity_number: f.int32Field('severityNumber', 'signed'),
  severity_text: f.stringField('severityText'),
  span_id: f.idField('spanId', 'span'),
  'span_id.string': f.idTextField('spanId', 'span'),
  time: f.timeField('timeUnixNano'),
  time_unix_nano: f.nanosField('timeUnixNano'),
  trace_id: f.idField('traceId', 'trace'),
  'trace_id.string': f.idTextField('traceId', 'trace'),
};
