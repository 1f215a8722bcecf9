/**
 * The attributes and filter processors on 1,000 log records of about 300 bytes with 8 attributes each, beside the same edit made
 * by hand on the wire views, and made on decoded objects:
 *
 *     node benchmarks/micro/attributes.ts
 *
 * Ratios count, not absolutes.
 */
import { deepStrictEqual } from 'node:assert';
import type { Transform } from '../../packages/api/src/index.ts';
import { Key, LogsBatch } from '../../packages/otlp/src/index.ts';
import { decode, messageType } from '../../packages/otlp/src/testing/oracle.ts';
import attributes from '../../plugins/processor-attributes/src/index.ts';
import filter from '../../plugins/processor-filter/src/index.ts';
import { RECORDS, request } from './log-batch.ts';
import { measure } from './measure.ts';
import { QUIET } from './plain-host.ts';

type AttributesConfig = Parameters<NonNullable<typeof attributes.create>>[0];
type FilterConfig = Parameters<NonNullable<typeof filter.create>>[0];
type Action = AttributesConfig['actions'][number];
type Match = NonNullable<AttributesConfig['include']>;

const action = (settings: Partial<Action> & { readonly action: string }): Action => ({
  key: '',
  from_attribute: '',
  from_context: '',
  pattern: '',
  converted_type: '',
  ...settings,
});
const matching = (settings: Partial<Match>): Match => ({
  services: [],
  span_names: [],
  span_kinds: [],
  log_bodies: [],
  log_severity_texts: [],
  metric_names: [],
  attributes: [],
  resources: [],
  libraries: [],
  ...settings,
});
const INSERT = action({ action: 'insert', key: 'cloud.region', value: 'eu-central-1' });
const DELETE = action({ action: 'delete', key: 'session.id' });

const attributesWith = (config: AttributesConfig): Transform => attributes.create!(config, QUIET);
const filterWith = (logs: FilterConfig['logs']): Transform =>
  filter.create!({ error_mode: 'ignore', logs, spans: {}, traces: {}, metrics: {}, profiles: {} }, QUIET);

/** Consumed, so that nothing is optimized away. */
let sink = 0;

function run(transform: Transform): () => void {
  return () => {
    const batch = LogsBatch.of([request]);
    transform.logs!(batch);
    sink += batch.byteLength;
  };
}

const SESSION = new Key('session.id');
const REGION = new Key('cloud.region');

function byHand(): LogsBatch {
  const batch = LogsBatch.of([request]);
  for (const record of batch.records) {
    record.attributes.delete(SESSION);
    record.attributes.set(REGION, 'eu-central-1');
  }
  return batch;
}

const requestType = messageType('logs');

interface DecodedLogs {
  resourceLogs: { scopeLogs: { logRecords: { attributes: { key: string; value: Record<string, unknown> }[] }[] }[] }[];
}

function onObjects(): Uint8Array {
  const message = requestType.decode(request) as unknown as DecodedLogs;
  for (const { scopeLogs } of message.resourceLogs)
    for (const { logRecords } of scopeLogs)
      for (const record of logRecords) {
        record.attributes = record.attributes.filter(({ key }) => key !== 'session.id');
        record.attributes.push({ key: 'cloud.region', value: { stringValue: 'eu-central-1' } });
      }
  return requestType.encode(message).finish();
}

const deleteAndInsert = attributesWith({ actions: [DELETE, INSERT] });
const none = { resource_attributes: [], record_attributes: [], severity_texts: [], bodies: [] };

/** The edits must be right before they may be fast. */
const edited = LogsBatch.of([request]);
deleteAndInsert.logs!(edited);
deepStrictEqual(decode('logs', edited.toBytes()), decode('logs', Uint8Array.from(onObjects())));
deepStrictEqual(decode('logs', byHand().toBytes()), decode('logs', edited.toBytes()));

const CASES: Readonly<Record<string, () => void>> = {
  'decoded objects: delete and insert': () => {
    sink += onObjects().length;
  },
  'by hand on the views: delete and insert': () => {
    sink += byHand().byteLength;
  },
  'attributes: delete and insert': run(deleteAndInsert),
  'attributes: insert and delete that change nothing': run(
    attributesWith({
      actions: [
        action({ action: 'insert', key: 'user.id', value: 'x' }),
        action({ action: 'delete', key: 'no.such.attribute' }),
      ],
    }),
  ),
  'attributes: the same, for one strict attribute': run(
    attributesWith({
      actions: [DELETE, INSERT],
      include: matching({ match_type: 'strict', attributes: [{ key: 'http.request.method', value: 'POST' }] }),
    }),
  ),
  'attributes: the same, for one attribute by pattern': run(
    attributesWith({
      actions: [DELETE, INSERT],
      include: matching({ match_type: 'regexp', attributes: [{ key: 'http.route', value: '^/api/(cart|checkout)$' }] }),
    }),
  ),
  'attributes: delete by pattern': run(
    attributesWith({ actions: [action({ action: 'delete', pattern: '^session\\.' })] }),
  ),
  'attributes: hash': run(attributesWith({ actions: [action({ action: 'hash', key: 'user.id' })] })),
  'attributes: extract': run(
    attributesWith({
      actions: [
        action({ action: 'extract', key: 'net.peer.ip', pattern: '^(?P<net>[0-9]+\\.[0-9]+)\\.(?P<host>.*)$' }),
      ],
    }),
  ),
  'attributes: convert an int to text': run(
    attributesWith({
      actions: [action({ action: 'convert', key: 'http.response.status_code', converted_type: 'string' })],
    }),
  ),
  'filter: drop by severity number': run(
    filterWith({ include: { ...none, severity_number: { min: 'WARN', match_undefined: false } } }),
  ),
  'filter: drop by body, pattern': run(
    filterWith({ exclude: { ...none, match_type: 'regexp', bodies: ['tenant-1[0-9]'] } }),
  ),
};

console.log(`node ${process.version}; ${Math.round(request.length / RECORDS)} bytes a record`);
for (const [name, each] of Object.entries(CASES)) measure(name, RECORDS, each);
if (sink === 0) console.log('nothing was read');
