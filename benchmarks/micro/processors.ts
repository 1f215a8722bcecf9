/**
 * What processors and connectors cost by themselves that have no benchmark of their own: nanoseconds a record, and how many
 * times that of the bare walk over the same records in the same run.
 *
 *     node benchmarks/micro/processors.ts [part of a name]
 *
 * Input: requests of 1,000 typical records. Ratios count, not absolutes.
 */
import type { LoadSignal } from '@millrace/load';
import { requestOf, shapeOf } from '@millrace/load';
import { batchOf, componentRuns, type Run } from './component-runs.ts';

const ITEMS = 1_000;
const WARM_UP_RUNS = 60;
const ROUNDS = 12;
const RUNS = 10;
/** As many as there are runs: data points have to go on in time. */
const REQUESTS = WARM_UP_RUNS + ROUNDS * RUNS;

interface Scenario {
  readonly name: string;
  readonly signal: LoadSignal;
  /** The component's entry in a configuration. */
  readonly yaml: string;
  /** A processor that the requests go through before, unmeasured. */
  readonly after?: string;
}

const KEY = '{ kid: "1", value: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 }';
const table = Array.from({ length: 8 }, (_, index) => `"/v${index}": { team: t${index} }`);

const PROCESSORS: readonly Scenario[] = [
  {
    name: 'resource: one of each',
    signal: 'logs',
    yaml: 'resource: { attributes: [{ key: host.name, action: delete }, { key: env, value: prod, action: upsert }] }',
  },
  {
    name: 'filter: half of the methods',
    signal: 'logs',
    yaml: 'filter: { logs: { log_record: [\'attributes["http.request.method"] == "GET"\'] } }',
  },
  {
    name: 'filter: nothing fits',
    signal: 'logs',
    yaml: 'filter/none: { logs: { log_record: ["severity_number > 20"] } }',
  },
  {
    name: 'redaction: addresses and ids',
    signal: 'logs',
    yaml: 'redaction: { allow_all_keys: true, blocked_values: ["10\\\\.[0-9.]+", "[0-9a-f]{12}"] }',
  },
  {
    name: 'redaction: only keys that are allowed',
    signal: 'logs',
    yaml: 'redaction/keys: { allowed_keys: [http.route, http.request.method], summary: silent }',
  },
  { name: 'groupbyattrs: by route', signal: 'logs', yaml: 'groupbyattrs: { keys: [http.route] }' },
  { name: 'groupbyattrs: compaction', signal: 'logs', yaml: 'groupbyattrs/compact: {}' },
  {
    name: 'span: name from attributes',
    signal: 'traces',
    yaml: 'span: { name: { from_attributes: [http.request.method, http.route], separator: " " } }',
  },
  {
    name: 'span: attributes from the name',
    signal: 'traces',
    yaml: 'span/rules: { name: { to_attributes: { rules: ["^(?P<verb>\\\\w+) /(?P<place>\\\\w+)"] } } }',
  },
  {
    name: 'probabilistic_sampler: 10 % of spans',
    signal: 'traces',
    yaml: 'probabilistic_sampler: { sampling_percentage: 10 }',
  },
  {
    name: 'probabilistic_sampler: 10 % of logs',
    signal: 'logs',
    yaml: 'probabilistic_sampler/logs: { sampling_percentage: 10 }',
  },
  { name: 'cumulativetodelta: all sums', signal: 'metrics', yaml: 'cumulativetodelta: {}' },
  { name: 'log_dedup: all different', signal: 'logs', yaml: 'log_dedup: {}' },
  {
    name: 'log_dedup: by route',
    signal: 'logs',
    yaml: 'log_dedup/route: { include_fields: [attributes.http\\.route] }',
  },
  {
    name: 'lookup: a table, by attribute',
    signal: 'logs',
    yaml: `lookup: { source: { type: inline, table: { ${table.join(', ')}, /cart: { team: shop } } }, lookups: [{ key: 'attributes["http.route"]', attributes: [{ source: team, destination: team }] }] }`,
  },
  {
    name: 'script: one comparison',
    signal: 'logs',
    yaml: 'script: { log: "if (record.severityNumber > 20) return false" }',
  },
  {
    name: 'script: one attribute set',
    signal: 'logs',
    yaml: "script/set: { log: \"record.attributes.set('env', 'prod')\" }",
  },
  {
    name: 'encrypt: one attribute',
    signal: 'logs',
    yaml: `encrypt: { keys: [${KEY}], fields: [{ names: [session.id] }] }`,
  },
  {
    name: 'decrypt: one attribute',
    signal: 'logs',
    yaml: `decrypt: { keys: [${KEY}], names: [session.id] }`,
    after: `encrypt: { keys: [${KEY}], fields: [{ names: [session.id] }] }`,
  },
];

const CONNECTORS: readonly Scenario[] = [
  { name: 'forward', signal: 'logs', yaml: 'forward: {}' },
  {
    name: 'routing: by resource attribute',
    signal: 'logs',
    yaml: 'routing: { default_pipelines: [logs/a], table: [{ context: resource, condition: \'attributes["service.name"] == "none"\', pipelines: [logs/b] }] }',
  },
  {
    name: 'routing: by log attribute',
    signal: 'logs',
    yaml: 'routing/log: { default_pipelines: [logs/a], table: [{ context: log, condition: \'attributes["http.request.method"] == "GET"\', pipelines: [logs/b] }] }',
  },
  { name: 'count: all', signal: 'logs', yaml: 'count: {}' },
  {
    name: 'count: by an attribute, with a condition',
    signal: 'logs',
    yaml: 'count/by: { logs: { errors: { conditions: ["severity_number >= 17"], attributes: [{ key: http.route }] } } }',
  },
  {
    name: 'failover: the first takes all',
    signal: 'logs',
    yaml: 'failover: { priority_levels: [[logs/a], [logs/b]] }',
  },
];

/** Requests of increasing times, of the same series. */
function requestsOf(signal: LoadSignal): readonly Uint8Array[] {
  const shape = shapeOf('typical', signal);
  return Array.from({ length: REQUESTS }, (_, index) => {
    const startUnixNano = 1_790_000_000_000_000_000n + BigInt(index) * 10_000_000_000n;
    return requestOf(signal, { seed: 1, items: ITEMS, shape, startUnixNano });
  });
}

/** Consumed, so that nothing is optimized away. */
let sink = 0;

/** CPU time of the cheapest round: on a shared machine the one least disturbed. */
async function nsPerItem(run: Run, requests: readonly Uint8Array[]): Promise<number> {
  let turn = 0;
  const once = async (): Promise<void> => {
    const result = run(requests[turn++]);
    if (result instanceof Promise) await result;
    else sink += result.length;
  };
  for (let i = 0; i < WARM_UP_RUNS; i++) await once();
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < RUNS; i++) await once();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, ((user + system) * 1_000) / RUNS / ITEMS);
  }
  return best;
}

/** Looks at each record, and gives the request on as it is. */
function walk(signal: LoadSignal): Run {
  return (request) => {
    const batch = batchOf(signal, request);
    if ('records' in batch) for (const record of batch.records) sink += record.severityNumber;
    else if ('spans' in batch) for (const span of batch.spans) sink += span.kind;
    else for (const { dataPoints } of batch.metrics) for (const point of dataPoints) sink += point.flags;
    return batch.toBytes();
  };
}

async function throughAll(request: readonly Uint8Array[], yaml: string | undefined, signal: LoadSignal) {
  if (yaml === undefined) return request;
  const [run] = await componentRuns('processor', [{ yaml, signal }]);
  return request.map((each) => Uint8Array.from(run(each) as Uint8Array));
}

const only = process.argv[2] ?? '';
console.log(`node ${process.version}; requests of ${ITEMS}; ns a record, times the bare walk`);
for (const signal of ['logs', 'traces', 'metrics'] as const) {
  const requests = requestsOf(signal);
  const bare = await nsPerItem(walk(signal), requests);
  print(`bare walk over ${signal}`, bare, bare);
  for (const [kind, scenarios] of [
    ['processor', PROCESSORS],
    ['connector', CONNECTORS],
  ] as const) {
    const chosen = scenarios.filter((each) => each.signal === signal && each.name.includes(only));
    const runs = await componentRuns(kind, chosen);
    for (const [index, { name, after }] of chosen.entries()) {
      print(name, await nsPerItem(runs[index], await throughAll(requests, after, signal)), bare);
    }
  }
}
if (sink === 0) console.log('nothing was read');

function print(name: string, ns: number, bare: number): void {
  console.log(`  ${name.padEnd(44)} ${ns.toFixed(0).padStart(6)} ns ${(ns / bare).toFixed(1).padStart(7)}x`);
}
