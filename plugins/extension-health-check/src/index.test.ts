import { collectorOf, describeConformance, FakeCollectorView, FakeExtensionHost } from '@millrace/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import definition from './index.ts';

const PLUGIN = new URL('./index.ts', import.meta.url);

describeConformance(PLUGIN, {
  configs: ['health_check/free: { endpoint: "localhost:0" }'],
  failing: ['health_check/nowhere: { endpoint: "203.0.113.1:13133" }'],
});

const running: { shutdown?(): unknown }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.shutdown?.();
});

/** A running extension, and what it answers to a GET. */
async function serve(settings: string, collector = new FakeCollectorView()) {
  const around = await collectorOf(configOf(settings), { plugins: [PLUGIN], start: false });
  const { config } = around.collector.config.extensions.get('health_check')!;
  const host = new FakeExtensionHost(collector);
  const extension = definition.create(config as never, host);
  running.push(extension, around);
  await extension.start?.();
  const base = new URL(host.announced[0]?.place ?? '').origin;
  return { collector, host, get: (path: string, init?: RequestInit) => fetch(base + path, init) };
}

const configOf = (settings: string) => `
extensions: { health_check: ${settings} }
receivers: { test/in: }
exporters: { test/out: }
service: { extensions: [health_check], pipelines: { logs: { receivers: [test/in], exporters: [test/out] } } }
`;

test.each([
  ['{ http: { endpoint: "localhost:1" } }', 'health_check.http', 'is not supported'],
  ['{ grpc: {} }', 'health_check.grpc', 'is not supported'],
  ['{ use_v2: true }', 'health_check.use_v2', 'the later form is not supported'],
  ['{ path: /ready }', 'health_check.path', 'built-in'],
])('refuses %s', async (settings, place, problem) => {
  const refusal = collectorOf(configOf(settings), { plugins: [PLUGIN], start: false });
  await expect(refusal).rejects.toThrow(place);
  await expect(refusal).rejects.toThrow(problem);
});

test('what the Collector ignores is taken', async () => {
  const settings =
    '{ endpoint: "localhost:0", check_collector_pipeline: { enabled: true, interval: 5m }, use_v2: false }';
  const { get } = await serve(settings);
  expect((await get('/')).status).toBe(200);
});

describe('the answers', () => {
  test('while the collector is ready: 200, with the state, the start and the uptime as the Collector gives them', async () => {
    const { host, get } = await serve('{ endpoint: "localhost:0" }');
    await host.manualClock.advance(2_500);
    const response = await get('/');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    const upSince = new Date(1_700_000_000_000).toISOString();
    expect(await response.json()).toEqual({ status: 'Server available', upSince, uptime: '2.500s' });
  });

  test('while it is not ready: 503 for what asks whether it takes data, 200 for whether it lives', async () => {
    const { collector, get } = await serve('{ endpoint: "localhost:0" }');
    collector.ready = false;
    expect(
      await Promise.all(['/', '/ready', '/health', '/healthz'].map(async (path) => (await get(path)).status)),
    ).toEqual([503, 503, 503, 200]);
    expect(await (await get('/')).json()).toEqual({ status: 'Server not available' });
    collector.ready = true;
    expect((await get('/ready')).status).toBe(200);
  });

  test('every component is shown with its state, and a failed one makes the whole degraded', async () => {
    const { collector, get } = await serve('{ endpoint: "localhost:0" }');
    const sinceMs = 1_700_000_000_000;
    const report = { kind: 'exporter', status: 'ok', message: undefined, sinceMs } as const;
    collector.reports = [{ ...report, id: 'otlp' }];
    expect(await (await get('/health')).json()).toMatchObject({ status: 'ok', version: '0.0.0-test' });
    collector.reports = [
      ...collector.reports,
      { ...report, id: 'file', status: 'permanent_error', message: 'no room' },
    ];
    const response = await get('/health');
    expect(response.status).toBe(200);
    const since = new Date(sinceMs).toISOString();
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      components: [
        { kind: 'exporter', id: 'otlp', status: 'ok', since },
        { kind: 'exporter', id: 'file', status: 'permanent_error', message: 'no room', since },
      ],
    });
  });

  test('path and bodies are as configured', async () => {
    const settings = '{ endpoint: "localhost:0", path: /status, response_body: { healthy: fine, unhealthy: ill } }';
    const { collector, get } = await serve(settings);
    expect(await (await get('/status')).text()).toBe('fine');
    collector.ready = false;
    const response = await get('/status');
    expect([response.status, await response.text()]).toEqual([503, 'ill']);
    expect((await get('/')).status).toBe(404);
  });

  test('HEAD is answered without a body, and other methods are refused', async () => {
    const { get } = await serve('{ endpoint: "localhost:0" }');
    const head = await get('/', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await get('/', { method: 'POST', body: 'x' })).status).toBe(405);
  });
});

test('in a collector it says what is so: ready with its components, then no answer any more', async () => {
  const collector = await collectorOf(configOf('{ endpoint: "localhost:0" }'), { plugins: [PLUGIN] });
  const place = collector.collector.announcements.find(({ id }) => id === 'health_check')?.place ?? '';
  const health = (await (await fetch(new URL('/health', place))).json()) as { components: { id: string }[] };
  expect(health.components.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['health_check', 'test/in', 'test/out']),
  );
  await collector.shutdown();
  await expect(fetch(place)).rejects.toThrow('fetch failed');
});
