/**
 * What statements cost beside code by hand over the same views, in one run on one core:
 *
 *     node benchmarks/micro/ottl.ts [seconds per case, default 1]
 *
 * Input: 1,000 log records of about 382 bytes with 8 attributes each, in one export request. Ratios count, not absolutes.
 */
import { deepStrictEqual } from 'node:assert';
import { key, LogsBatch } from '../../packages/otlp/src/index.ts';
import {
  compileConditions,
  compileStatements,
  functionRegistry,
  STANDARD_FUNCTIONS,
} from '../../packages/ottl/src/index.ts';
import { decode, encode, type Plain } from '../../packages/otlp/src/testing/oracle.ts';
import { compilePattern } from '../../packages/pattern/src/index.ts';

const RECORDS = 1000;
const seconds = Number(process.argv[2] ?? 1);
const ROUTES = ['/api/cart', '/api/checkout', '/api/products/{id}', '/healthz'];

function logRecord(i: number): Plain {
  const text = (name: string, value: string): Plain => ({ key: name, value: { stringValue: value } });
  const whole = (name: string, value: bigint): Plain => ({ key: name, value: { intValue: value } });
  return {
    timeUnixNano: 1_760_000_000_000_000_000n + BigInt(i) * 1_000_003n,
    severityNumber: i % 10 === 0 ? 17 : 9,
    severityText: i % 10 === 0 ? 'ERROR' : 'INFO',
    body: {
      stringValue: `request ${i} for tenant-${i % 17} completed; cart has ${i % 9} items; warehouse eu-${i % 4}`,
    },
    attributes: [
      text('http.request.method', i % 3 === 0 ? 'POST' : 'GET'),
      text('http.route', ROUTES[i % ROUTES.length]),
      whole('http.response.status_code', BigInt(i % 50 === 0 ? 500 : 200)),
      whole('http.server.duration_us', BigInt(800 + ((i * 7919) % 90_000))),
      text('user.id', `user-${(i * 104_729) % 100_000}`),
      text('session.id', `5f0c${((i * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0')}`),
      text('net.peer.ip', `10.${i % 256}.${(i * 7) % 256}.${(i * 13) % 256}`),
      { key: 'cache.hit', value: { boolValue: i % 2 === 0 } },
    ],
    traceId: new Uint8Array(16).fill(i + 1),
    spanId: new Uint8Array(8).fill(i + 3),
  };
}

const resource: Plain = { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] };
const logRecords = Array.from({ length: RECORDS }, (_, i) => logRecord(i));
const logs = encode('logs', { resourceLogs: [{ resource, scopeLogs: [{ scope: {}, logRecords }] }] });

const options = { context: 'log', functions: functionRegistry(STANDARD_FUNCTIONS) } as const;
const condition = (text: string) => compileConditions({ ...options, conditions: [text] });
const program = (...statements: string[]) => compileStatements({ ...options, statements });

const METHOD = key('http.request.method');
const POST = key('POST');
const STATUS = key('http.response.status_code');
const ENV = key('env');
const SESSION = key('session.id');
const HIT = key('cache.hit');

/** Consumed, so that nothing is optimized away. */
let sink = 0;

type Record = typeof LogsBatch.prototype.records extends Iterable<infer R> ? R : never;

function test(holds: (record: Record) => boolean): () => void {
  return () => {
    for (const record of LogsBatch.of([logs]).records) if (holds(record)) sink++;
  };
}

function edit(change: (record: Record) => void): () => Uint8Array {
  return () => {
    const batch = LogsBatch.of([logs]);
    for (const record of batch.records) change(record);
    const bytes = batch.toBytes();
    sink += bytes.length;
    return bytes;
  };
}

const TEN = [
  'set(attributes["env"], "prod")',
  'set(attributes["severe"], true) where severity_number >= SEVERITY_NUMBER_ERROR',
  'delete_key(attributes, "session.id")',
  'set(attributes["failed"], true) where attributes["http.response.status_code"] >= 500',
  'set(attributes["kind"], "write") where attributes["http.request.method"] == "POST"',
  'set(severity_text, "error") where severity_text == "ERROR"',
  'set(attributes["route"], attributes["http.route"]) where attributes["http.route"] != nil',
  'set(attributes["probe"], true) where IsMatch(attributes["http.route"], "^/health")',
  'replace_pattern(attributes["net.peer.ip"], "\\\\.\\\\d+$", ".0")',
  'set(attributes["service"], resource.attributes["service.name"])',
];

const IP_END = compilePattern('\\.\\d+$');
const HEALTH = compilePattern('^/health');
const SERVICE = key('service.name');
const ROUTE = key('http.route');
const PEER = key('net.peer.ip');
const names = {
  severe: key('severe'),
  failed: key('failed'),
  kind: key('kind'),
  route: key('route'),
  probe: key('probe'),
};
const WRITE = 'write';

function tenByHand(record: Record): void {
  const { attributes } = record;
  attributes.set(ENV, 'prod');
  if (record.severityNumber >= 17) attributes.set(names.severe, true);
  attributes.delete(SESSION);
  const status = attributes.kind(STATUS) === 'int' ? (attributes.get(STATUS) as number) : 0;
  if (status >= 500) attributes.set(names.failed, true);
  if (attributes.equalsString(METHOD, POST)) attributes.set(names.kind, WRITE);
  if (record.severityText === 'ERROR') record.severityText = 'error';
  const route = attributes.getString(ROUTE);
  if (route !== undefined) attributes.set(names.route, route);
  if (route !== undefined && HEALTH.test(route)) attributes.set(names.probe, true);
  const ip = attributes.getString(PEER);
  const match = ip === undefined ? null : IP_END.exec(ip);
  if (match !== null) attributes.set(PEER, `${ip!.slice(0, match.start)}.0`);
  attributes.set('service', record.resource.attributes.getString(SERVICE) ?? '');
}

interface Case {
  readonly name: string;
  readonly byHand: () => unknown;
  readonly ottl: () => unknown;
}

function conditionCase(text: string, byHand: (record: Record) => boolean): Case {
  const compiled = condition(text);
  return { name: text, byHand: test(byHand), ottl: test((record) => compiled.test(record)) };
}

function editCase(name: string, statements: readonly string[], byHand: (record: Record) => void): Case {
  const compiled = program(...statements);
  return { name, byHand: edit(byHand), ottl: edit((record) => compiled.run(record)) };
}

const SET = 'set(attributes["env"], "prod") where severity_number >= 13';

const cases: readonly Case[] = [
  conditionCase('severity_number >= 13', (record) => record.severityNumber >= 13),
  conditionCase('attributes["http.request.method"] == "POST"', (record) =>
    record.attributes.equalsString(METHOD, POST),
  ),
  conditionCase('attributes["cache.hit"] != nil', (record) => record.attributes.has(HIT)),
  conditionCase('attributes["http.response.status_code"] >= 500', (record) => {
    const { attributes } = record;
    return attributes.kind(STATUS) === 'int' && (attributes.get(STATUS) as number) >= 500;
  }),
  editCase(SET, [SET], (record) => {
    if (record.severityNumber >= 13) record.attributes.set(ENV, 'prod');
  }),
  editCase('the same where it never holds', [SET.replace('13', '99')], (record) => {
    if (record.severityNumber >= 99) record.attributes.set(ENV, 'prod');
  }),
  editCase('ten statements', TEN, tenByHand),
];

/** Rounds per second of CPU time, the best of three: the machine may be busy with other things. */
function measure(run: () => unknown): number {
  const rate = (duration: number): number => {
    const start = process.cpuUsage();
    for (let rounds = 1; ; rounds++) {
      run();
      const { user, system } = process.cpuUsage(start);
      if (user + system >= duration * 1e6) return (rounds * 1e6) / (user + system);
    }
  };
  const part = seconds / 4;
  rate(part);
  return Math.max(rate(part), rate(part), rate(part)) * RECORDS;
}

for (const { byHand, ottl } of cases) {
  const [a, b] = [byHand(), ottl()];
  // Both must do the same before either may be fast.
  if (a instanceof Uint8Array) deepStrictEqual(decode('logs', b as Uint8Array), decode('logs', a));
}
console.log(
  `node ${process.version}; ${Math.round(logs.length / RECORDS)} bytes a record; M records/s: statements, by hand, ratio`,
);
for (const { name, byHand, ottl } of cases) {
  const [hand, own] = [measure(byHand), measure(ottl)];
  const shown = [own, hand].map((rate) => (rate / 1e6).toFixed(2).padStart(7)).join('');
  console.log(`${shown} ${(own / hand).toFixed(2).padStart(6)}x  ${name}`);
}
if (sink === 0) console.log('nothing was read');
