/**
 * The transform processor, and the filter processor by OTTL, on 1,000 log records with 8 attributes each, beside the same changes
 * made by hand on the wire views:
 *
 *     node benchmarks/micro/transform.ts
 *
 * Ratios count, not absolutes.
 */
import { deepStrictEqual } from 'node:assert';
import type { StepTools, Transform } from '../../packages/api/src/index.ts';
import { key, LogsBatch } from '../../packages/otlp/src/index.ts';
import { decode, encode, type Plain } from '../../packages/otlp/src/testing/oracle.ts';
import filter from '../../plugins/processor-filter/src/index.ts';
import transform from '../../plugins/processor-transform/src/index.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const ROUTES = ['/api/cart', '/api/checkout', '/api/products/{id}', '/healthz'];

const text = (name: string, value: string): Plain => ({ key: name, value: { stringValue: value } });
const whole = (name: string, value: number): Plain => ({ key: name, value: { intValue: BigInt(value) } });

function logRecord(i: number): Plain {
  return {
    timeUnixNano: 1_760_000_000_000_000_000n + BigInt(i) * 1_000_003n,
    severityNumber: i % 50 === 0 ? 17 : 9,
    body: { stringValue: `request ${i} for tenant-${i % 17} completed` },
    attributes: [
      text('http.request.method', i % 3 === 0 ? 'POST' : 'GET'),
      text('http.route', ROUTES[i % ROUTES.length]),
      whole('http.response.status_code', i % 50 === 0 ? 500 : 200),
      whole('http.server.duration_us', 800 + ((i * 7919) % 90_000)),
      text('user.id', `user-${(i * 104_729) % 100_000}`),
      text('session.id', `5f0c${((i * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0')}`),
      text('net.peer.ip', `10.${i % 256}.${(i * 7) % 256}.${(i * 13) % 256}`),
      { key: 'cache.hit', value: { boolValue: i % 2 === 0 } },
    ],
  };
}

const request = encode('logs', {
  resourceLogs: [
    {
      resource: { attributes: [text('service.name', 'checkout')] },
      scopeLogs: [{ scope: {}, logRecords: Array.from({ length: RECORDS }, (_, i) => logRecord(i)) }],
    },
  ],
});

const silent = () => undefined;
const tools: StepTools = {
  id: 'benchmark',
  count: silent,
  nowUnixNano: () => 0n,
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  context: undefined,
};

type TransformConfig = Parameters<NonNullable<typeof transform.create>>[0];

const transformWith = (log_statements: TransformConfig['log_statements']): Transform =>
  transform.create!({ error_mode: 'propagate', log_statements, trace_statements: [], metric_statements: [] }, tools);
const filterBy = (...log_record: string[]): Transform =>
  filter.create!(
    { error_mode: 'ignore', logs: { log_record }, spans: {}, traces: {}, metrics: {}, profiles: {} },
    tools,
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
