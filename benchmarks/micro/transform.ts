/**
 * The transform processor, and the filter processor by OTTL, on 1,000 log records with 8 attributes each, beside the same changes
 * made by hand on the wire views:
 *
 *     node benchmarks/micro/transform.ts
 *
 * Ratios count, not absolutes.
 */
import { deepStrictEqual } from 'node:assert';
import type { Transform } from '../../packages/api/src/index.ts';
import { key, LogsBatch } from '../../packages/otlp/src/index.ts';
import { decode } from '../../packages/otlp/src/testing/oracle.ts';
import filter from '../../plugins/processor-filter/src/index.ts';
import transform from '../../plugins/processor-transform/src/index.ts';
import { RECORDS, request } from './log-batch.ts';
import { measure } from './measure.ts';
import { QUIET } from './plain-host.ts';

type TransformConfig = Parameters<NonNullable<typeof transform.create>>[0];

const NONE = { trace_statements: [], metric_statements: [], profile_statements: [] };
const transformWith = (log_statements: TransformConfig['log_statements']): Transform =>
  transform.create!({ error_mode: 'propagate', ...NONE, log_statements }, QUIET);
const filterBy = (...log_record: string[]): Transform =>
  filter.create!(
    { error_mode: 'ignore', logs: { log_record }, spans: {}, traces: {}, metrics: {}, profiles: {} },
    QUIET,
  );
const eachAlone = (statements: readonly string[]) => statements.map((each) => ({ statements: [each], conditions: [] }));

const RENAME = [
  'set(log.attributes["client.address"], log.attributes["net.peer.ip"])',
  'delete_key(log.attributes, "net.peer.ip")',
];
const TEN = [
  ...RENAME,
  'set(log.attributes["cloud.region"], "eu-central-1")',
  'set(log.attributes["service"], resource.attributes["service.name"])',
  'set(log.severity_text, "ERROR") where log.severity_number >= SEVERITY_NUMBER_ERROR',
  'set(log.attributes["slow"], true) where log.attributes["http.server.duration_us"] > 80000',
  'delete_key(log.attributes, "cache.hit") where log.attributes["cache.hit"] == false',
  'replace_pattern(log.attributes["session.id"], "^5f0c", "")',
  'set(log.attributes["kind"], "api") where IsMatch(log.attributes["http.route"], "^/api/")',
  'truncate_all(log.attributes, 64)',
];
const NOTHING = Array.from({ length: 10 }, (_, i) => `set(log.body, "x") where log.attributes["user.id"] == "no ${i}"`);

/** Consumed, so that nothing is optimized away. */
let sink = 0;

function run(processor: Transform): () => void {
  return () => {
    const batch = LogsBatch.of([request]);
    processor.logs!(batch);
    sink += batch.byteLength;
  };
}

const ADDRESS = key('client.address');
const PEER = key('net.peer.ip');

function renamedByHand(): LogsBatch {
  const batch = LogsBatch.of([request]);
  for (const { attributes } of batch.records) {
    const value = attributes.raw(PEER);
    if (value !== undefined) attributes.setRaw(ADDRESS, value);
    attributes.delete(PEER);
  }
  return batch;
}

/** What is measured must be right before it may be fast. */
const result = (statements: TransformConfig['log_statements']): Uint8Array => {
  const batch = LogsBatch.of([request]);
  transformWith(statements).logs!(batch);
  return batch.toBytes();
};
deepStrictEqual(decode('logs', result(RENAME)), decode('logs', renamedByHand().toBytes()));
deepStrictEqual(decode('logs', result(TEN)), decode('logs', result(eachAlone(TEN))));
deepStrictEqual(result(NOTHING), request);

const CASES: Readonly<Record<string, () => void>> = {
  'by hand on the views: rename': () => {
    sink += renamedByHand().byteLength;
  },
  'transform: rename': run(transformWith(RENAME)),
  'transform: ten statements': run(transformWith(TEN)),
  'transform: ten statements, each a group': run(transformWith(eachAlone(TEN))),
  'transform: ten statements, each a walk': run(
    // A statement in between that changes the resource, and never does, keeps the walks apart.
    transformWith(eachAlone(TEN.flatMap((each) => [each, 'set(resource.attributes["x"], log.body) where false']))),
  ),
  'transform: ten conditions that never hold': run(transformWith(NOTHING)),
  'filter: drop half by an attribute': run(filterBy('attributes["cache.hit"] == true')),
  'filter: drop by body, pattern': run(filterBy('IsMatch(body, "tenant-1[0-9]")')),
  'filter: a condition that never holds': run(filterBy('severity_number < SEVERITY_NUMBER_INFO')),
};

console.log(`node ${process.version}; ${Math.round(request.length / RECORDS)} bytes a record`);
for (const [name, each] of Object.entries(CASES)) measure(name, RECORDS, each);
if (sink === 0) console.log('nothing was read');
