import { PluginRegistry } from 'millrace';
import { expect, test } from 'vitest';
import { checkConfig, type Verdict } from './check-config.ts';

const registry = new PluginRegistry();

/** The verdict on a configuration with these settings of one component, each section a flow map. */
function check(section: 'receiver' | 'processor' | 'exporter' | 'extension', settings: string): Promise<Verdict> {
  const own = { receiver: 'otlp: { protocols: { http: } }', processor: 'batch:', exporter: 'debug:', extension: '' };
  own[section] = settings;
  const ids = Object.fromEntries(Object.entries(own).map(([key, text]) => [key, text.split(':')[0]]));
  const text = `
receivers: { ${own.receiver} }
processors: { ${own.processor} }
exporters: { ${own.exporter} }
extensions: { ${own.extension} }
service:
  extensions: [${ids['extension']}]
  pipelines:
    logs: { receivers: [${ids['receiver']}], processors: [${ids['processor']}], exporters: [${ids['exporter']}] }
`;
  return checkConfig({ name: 'c.yaml', file: 'c.yaml', text }, registry);
}

/* What the Collector's own `validate` accepts. */
test.each([
  ['receiver', 'otlp: { protocols: { http: { tls: , auth: null, cors: ~ }, grpc: { tls: , auth: } } }'],
  ['receiver', 'otlp: { protocols: { http: { keepalive: { enabled: false, idle_timeout: 10s } } } }'],
  ['receiver', 'otlp: { protocols: { grpc: { middlewares: [] } } }'],
  ['receiver', 'otlp: { protocols: { http: { traces_url_path: traces } } }'],
  ['processor', 'filter: { log_conditions: [{ context: scope, conditions: ["name == \\"x\\""] }] }'],
  ['processor', 'filter: { trace_conditions: ["scope.name == \\"x\\"", "resource.attributes[\\"a\\"] == nil"] }'],
  ['processor', 'transform: { flatten_data: false, log_statements: ["set(log.body, \\"x\\")"] }'],
  ['processor', 'transform: { log_statements: [{ shared_cache: true, statements: ["set(log.body, \\"x\\")"] }] }'],
  ['processor', 'batch: { timeout: 5 }'],
  ['processor', 'memory_limiter: { check_interval: 1s, limit_mib: 64, max_gc_interval_when_soft_limited: 1m }'],
  ['exporter', 'otlphttp: { endpoint: "http://x", auth: null, keepalive: { max_idle_conns: 5 } }'],
  ['exporter', 'otlp: { endpoint: "x:1", auth: , sending_queue: { batch: { partition: { metadata_keys: [a] } } } }'],
  ['exporter', 'file: { path: x, flush_interval: 5, rotation: , encoding: }'],
  ['extension', 'health_check: { check_collector_pipeline: { enabled: true, interval: 5m }, use_v2: false }'],
] as const)('%s %s runs', async (section, settings) => {
  expect((await check(section, settings)).obstacles).toEqual([]);
});

/* What it refuses. */
test.each([
  ['receiver', 'otlp: { protocols: { http: { traces_url_path: ":invalid" } } }'],
  [
    'processor',
    'attributes: { include: { match_type: strict, services: [a] }, actions: [{ key: a, action: delete }] }',
  ],
  ['processor', 'filter: { log_conditions: [""] }'],
  ['processor', 'filter: { logs: { log_record: [null] } }'],
  ['processor', 'transform: { log_statements: [null] }'],
  ['processor', 'redaction: { hash_function: hmac-sha256 }'],
] as const)('%s %s does not run', async (section, settings) => {
  expect((await check(section, settings)).obstacles).toMatchObject([{ kind: 'error' }]);
});

test.each([
  ['receiver', 'otlp: { protocols: { grpc: { middlewares: [{ id: x }] } } }', 'protocols.grpc.middlewares'],
  ['exporter', 'otlphttp: { endpoint: "http://x", middlewares: [{ id: x }] }', 'exporters.otlphttp.middlewares'],
  ['exporter', 'file: { path: x, encoding: otlp_json }', 'exporters.file.encoding'],
  ['extension', 'health_check: { grpc: {} }', 'extensions.health_check.grpc'],
] as const)('%s %s is refused, saying what to do instead', async (section, settings, subject) => {
  const { obstacles } = await check(section, settings);
  expect(obstacles).toMatchObject([{ kind: 'unsupported key', subject: expect.stringContaining(subject) as string }]);
});

test.each([
  ['processor', 'batch: { timeout: 5 }', 'the duration 5 has no unit'],
  ['extension', 'health_check: { check_collector_pipeline: { enabled: true } }', 'has no effect here'],
] as const)('%s %s is noted', async (section, settings, note) => {
  const { obstacles, warnings } = await check(section, settings);
  expect({ obstacles, warnings }).toEqual({ obstacles: [], warnings: [expect.stringContaining(note)] });
});
