import { collectorOf, describeConformance, FakeCollectorView, FakeExtensionHost } from '@millrace/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import definition from './index.ts';

const PLUGIN = new URL('./index.ts', import.meta.url);

describeConformance(PLUGIN, {
  configs: ['zpages/free: { endpoint: "localhost:0" }'],
  failing: ['zpages/nowhere: { endpoint: "203.0.113.1:55679" }'],
});

const configOf = (settings: string) => `
extensions: { zpages: ${settings} }
receivers: { test/in: }
exporters: { test/out: }
service: { extensions: [zpages], pipelines: { logs/a: { receivers: [test/in], exporters: [test/out] } } }
`;

const running: { shutdown?(): unknown }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.shutdown?.();
});

async function serve(settings: string, collector = new FakeCollectorView()) {
  const around = await collectorOf(configOf(settings), { plugins: [PLUGIN], start: false });
  const { config } = around.collector.config.extensions.get('zpages')!;
  const host = new FakeExtensionHost(collector);
  const extension = definition.create(config as never, host);
  running.push(extension, around);
  await extension.start?.();
  const { origin } = new URL(host.announced[0]?.place ?? '');
  return { host, get: (name: string) => fetch(`${origin}/debug/${name}`) };
}

const FREE = '{ endpoint: "localhost:0" }';
const REPORT = { status: 'ok', message: undefined, sinceMs: 1_700_000_000_000 } as const;

describe('the pages', () => {
  test('of a collector show its pipelines and the states of their components', async () => {
    const collector = await collectorOf(configOf(FREE), { plugins: [PLUGIN] });
    running.push(collector);
    const place = collector.collector.announcements.find(({ id }) => id === 'zpages')?.place ?? '';
    const text = await (await fetch(new URL('/debug/pipelinez', place))).text();
    expect(text).toContain('<td>logs/a</td><td>logs</td><td>test/in</td><td></td><td>test/out</td>');
    expect(text).toContain('<td>exporter</td><td>test/out</td><td>ok</td>');
    const extensions = await (await fetch(new URL('/debug/extensionz', place))).text();
    expect(extensions).toContain('<td>extension</td><td>zpages</td>');
    expect(extensions).not.toContain('test/out');
  });

  test('say what failed, as text', async () => {
    const collector = new FakeCollectorView();
    const message = 'no <room> & "more"';
    collector.reports = [{ ...REPORT, kind: 'exporter', id: 'file', status: 'permanent_error', message }];
    const { get } = await serve(FREE, collector);
    const text = await (await get('pipelinez')).text();
    expect(text).toContain('<td>permanent_error</td>');
    expect(text).toContain('no &lt;room&gt; &amp; &quot;more&quot;');
  });

  test('of the service show its version, state and time, and lead to the others', async () => {
    const collector = new FakeCollectorView();
    collector.ready = false;
    const { get, host } = await serve(FREE, collector);
    await host.manualClock.advance(90_000);
    const response = await get('servicez');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const text = await response.text();
    for (const shown of ['0.0.0-test', 'not ready', '90 s', process.version]) expect(text).toContain(shown);
    const links = [...text.matchAll(/href="(\w+)"/g)].map(([, name]) => name);
    expect(links).toEqual(['pipelinez', 'extensionz', 'featurez', 'tracez']);
    for (const name of links) expect((await get(name)).status).toBe(200);
  });

  test('variables of the process are shown where they are enabled', async () => {
    expect((await (await serve(FREE)).get('expvarz')).status).toBe(404);
    const { get } = await serve('{ endpoint: "localhost:0", expvar: { enabled: true } }');
    const { memstats } = (await (await get('expvarz')).json()) as { memstats: { rss: number } };
    expect(memstats.rss).toBeGreaterThan(1_000_000);
  });
});
