import { expect, test } from 'vitest';
import { AROUND, loadText } from './testing/load-text.ts';

async function load(telemetry: string) {
  const text = AROUND.replace('service: {', `service: { telemetry: ${telemetry},`);
  const { config, warnings } = await loadText(text);
  return { settings: config.service.telemetry, warnings: warnings.map(({ where, message }) => `${where}: ${message}`) };
}

test('is the default of the Collector', async () => {
  expect(await load('')).toEqual({
    settings: {
      metrics: { host: 'localhost', port: 8888 },
      logs: { level: 'info', encoding: 'json', initialFields: {} },
      resource: {},
      resourceRemoved: [],
    },
    warnings: [],
  });
});

test.each<[string, unknown]>([
  ['{ metrics: { level: none } }', undefined],
  ['{ metrics: { level: Detailed } }', { host: 'localhost', port: 8888 }],
  [
    '{ metrics: { readers: [{ pull: { exporter: { prometheus: { host: 0.0.0.0, port: 9000 } } } }] } }',
    { host: '0.0.0.0', port: 9000 },
  ],
  [
    '{ metrics: { readers: [{ pull: { exporter: { prometheus/development: { port: 9000 } } } }] } }',
    { host: 'localhost', port: 9000 },
  ],
  ['{ metrics: { address: "localhost:6666" } }', { host: 'localhost', port: 6666 }],
  ['{ metrics: { address: ":6666" } }', { host: '0.0.0.0', port: 6666 }],
  ['{ metrics: { address: "[::1]:6666" } }', { host: '::1', port: 6666 }],
  ['{ metrics: { readers: [{ periodic: { exporter: { otlp: { endpoint: x } } } }] } }', undefined],
])('%s listens there', async (telemetry, endpoint) => {
  expect((await load(telemetry)).settings.metrics).toEqual(endpoint);
});

test.each<[string, string]>([
  ['DEBUG', 'debug'],
  ['Warn', 'warn'],
  ['dpanic', 'error'],
  ['FATAL', 'error'],
])('the level %s is %s', async (written, level) => {
  expect((await load(`{ logs: { level: ${written} } }`)).settings.logs.level).toBe(level);
});

test('attributes come as a map or a list; null removes', async () => {
  const expected = {
    resource: { 'deployment.environment': 'prod', zone: '0123' },
    resourceRemoved: ['service.version'],
  };
  const map = '{ resource: { deployment.environment: prod, zone: "0123", service.version: } }';
  expect((await load(map)).settings).toMatchObject(expected);
  const list =
    '{ resource: { attributes: [{ name: deployment.environment, value: prod }, { name: zone, value: "0123" }, { name: service.version, value: }] } }';
  expect((await load(list)).settings).toMatchObject(expected);
});

test('keys that do nothing here are accepted, with a warning', async () => {
  const { settings, warnings } = await load(`{
    logs: { encoding: console, initial_fields: { a: 1 }, sampling: { enabled: false }, output_paths: [stdout], development: true },
    traces: { level: none, propagators: [tracecontext], processors: },
    metrics: { address: "h:1", views: [], readers: [{ pull: { exporter: { prometheus: { port: 1, without_units: true } } } }, { periodic: {} }] } }`);
  expect(settings.logs).toEqual({ level: 'info', encoding: 'console', initialFields: { a: 1 } });
  expect(settings.metrics).toEqual({ host: 'localhost', port: 1 });
  const T = 'service.telemetry';
  expect(warnings).toEqual([
    `${T}.logs.sampling: "sampling" has no effect here`,
    `${T}.logs.output_paths: "output_paths" has no effect here`,
    `${T}.logs.development: "development" has no effect here`,
    `${T}.traces.level: "level" has no effect here`,
    `${T}.traces.propagators: "propagators" has no effect here`,
    `${T}.metrics.address: "address" is deprecated`,
    `${T}.metrics.views: "views" has no effect here`,
    `${T}.metrics.readers[0].pull.exporter.prometheus.without_units: "without_units" has no effect here`,
    `${T}.metrics.readers[1].periodic: "periodic" has no effect here`,
  ]);
});
