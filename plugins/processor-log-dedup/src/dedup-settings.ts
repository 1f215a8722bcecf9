import { type Static, Type } from '@millrace/api';

export const dedupSettings = Type.Object({
  interval: Type.Duration({
    default: '10s',
    description: 'How long equal records are gathered before they go on as one.',
  }),
  log_count_attribute: Type.String({
    default: 'log_count',
    minLength: 1,
    description: 'Attribute that says how many records one stands for.',
  }),
  timezone: Type.String({
    default: 'UTC',
    description: 'IANA time zone of first_observed_timestamp and last_observed_timestamp.',
  }),
  conditions: Type.Array(Type.String(), {
    default: [],
    description: 'OTTL conditions: only records for which one holds are gathered, the others pass. Default: all are.',
  }),
  include_fields: Type.Array(Type.String(), {
    default: [],
    description: 'Fields by which records are equal, such as attributes.host\\.name or body.id; default: everything.',
  }),
  exclude_fields: Type.Array(Type.String(), {
    default: [],
    description: 'Fields that are removed before records are compared. Not together with include_fields.',
  }),
  metadata_keys: Type.Array(Type.String(), {
    default: [],
    description: 'Client metadata whose values keep records apart. Needs include_metadata on the receiver.',
  }),
  metadata_cardinality_limit: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'Combinations of metadata values beyond which data is refused; 0: no limit.',
  }),
  max_acknowledge_delay: Type.Duration({
    default: '5s',
    description:
      'Where destinations accept only what is safe, senders wait for the end of the interval: it then ends at the latest after this time. Less than the timeout of senders.',
  }),
  max_held_bytes: Type.Integer({
    default: 16_777_216,
    minimum: 1,
    description: 'Bytes of gathered records at which they go on before the end of the interval.',
  }),
});

export type DedupSettings = Static<typeof dedupSettings>;
