/** A plugin with a worker of its own: what it breaks is its own, and what it costs can be seen. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { besideAnother } from './harness/bystander.ts';
import { Destination, directly } from './harness/destination.ts';
import { launchCollector, type Millrace, runMillrace } from './harness/millrace.ts';
import { idsOf, postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

/** A processor `bad` that runs `statement` for each record whose attribute `id` begins with `marked`. */
function processor(statement: string): string {
  return `
import { defineProcessor, Type } from '@millrace/api';
export default defineProcessor({
  type: 'bad', summary: 'Misbehaves.', stability: 'development', config: Type.Object({}), examples: [],
  create: () => ({
    logs(batch) {
      for (const record of batch.records) {
        if (String(record.attributes.get('id')).startsWith('marked')) { ${statement} }
      }
    },
  }),
});
`;
}

interface Setting {
  readonly destination: Destination;
  readonly threads: number;
  /** Further keys of the entry in `plugins`. */
  readonly bounds?: string;
  readonly service?: string;
}

/** Two pipelines with receivers of their own; the plugin is in the first. */
function launch(plugin: string, { destination, threads, bounds = '', service = '' }: Setting): Millrace {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'bad.ts'), plugin);
  return launchCollector(
    `
plugins: [{ path: ./bad.ts, isolation: worker, ${bounds} }]
receivers:
  otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } }
  otlp/beside: { protocols: { http: { endpoint: 127.0.0.1:0 } } }
processors: { bad: , attributes: { actions: [{ key: seen, value: 'yes', action: upsert }] } }
exporters: { otlphttp: ${directly(destination)} }
service:
  ${service}
  pipelines:
    logs: { receivers: [otlp], processors: [attributes, bad], exporters: [otlphttp] }
    logs/beside: { receivers: [otlp/beside], exporters: [otlphttp] }
`,
    { cwd, threads },
  );
}

describe.each([0, 1])('with %i threads in the pool', (threads) => {
  test.each([
    ['exits', 'process.exit(3);', ''],
    ['takes all memory of its own', 'const kept = []; for (;;) kept.push(new Array(1000).fill(0));', 'heap_mb: 32'],
    ['never returns', 'for (;;);', 'deadline: 500ms'],
  ])('a plugin that %s loses the one record, and nobody else notices', async (_name, statement, bounds) => {
    const destination = await Destination.start();
    const collector = await launch(processor(statement), { destination, threads, bounds }).ready();
    const answer = await besideAnother({ http: collector.http(1), destination }, () =>
      postLogs(collector.http(), ['a', 'marked', 'b']),
    );
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/"rejectedLogRecords":"?1"?/);
    expect(answer.text).toContain('processor \\"bad\\" ended its worker');
    expect((await postLogs(collector.http(), ['after'])).status).toBe(200);
    const own = destination.items.entries.filter((item) => !idsOf([item])[0].startsWith('bystander'));
    expect(idsOf(own)).toEqual(['a', 'b', 'after']);
    const scraped = await collector.scrape();
    expect(scraped.sum('millrace_plugin_workers_lost', { plugin: './bad.ts' })).toBeGreaterThan(0);
    expect(scraped.sum('millrace_workers_lost')).toBe(scraped.sum('millrace_plugin_workers_lost'));
    expect(scraped.sum('millrace_plugin_cpu_seconds', { plugin: './bad.ts' })).toBeGreaterThan(0);
    expect(scraped.sum('millrace_plugin_heap_bytes', { plugin: './bad.ts' })).toBeGreaterThan(1_000_000);
    const costs = { kind: 'processor', component: 'bad', plugin: './bad.ts' };
    expect(scraped.sum('millrace_component_cpu_seconds', costs)).toBeGreaterThan(0);
    expect(scraped.sum('millrace_component_items', costs)).toBe(3);
    expect(scraped.sum('millrace_component_cpu_seconds', { component: 'attributes' })).toBeGreaterThan(0);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
  });
});

test('a plugin that always dies is named, its senders are told, and the other pipeline goes on', async () => {
  const destination = await Destination.start();
  const collector = await launch(processor('process.exit(3);'), { destination, threads: 1 }).ready();
  const answers = await besideAnother({ http: collector.http(1), destination }, async () => [
    await postLogs(collector.http(), ['marked-1']),
    await postLogs(collector.http(), ['marked-2']),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  expect(await collector.logged(/again and again/)).toMatchObject({ level: 'error', plugin: './bad.ts' });
  expect(await collector.logged('a worker died')).toMatchObject({ plugin: './bad.ts', during: expect.any(String) });
});

test('what its worker dies over goes to the dead letter, and its sender is told that it is taken', async () => {
  const destination = await Destination.start();
  const service = 'dead_letter: ./dead';
  const collector = await launch(processor('process.exit(3);'), { destination, threads: 1, service }).ready();
  expect((await postLogs(collector.http(), ['a', 'marked'])).status).toBe(200);
  expect(await collector.stop()).toEqual({ code: 0, signal: null });
  const folder = join(collector.cwd, 'dead');
  const kept = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  const text = kept.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  expect(text).toContain('"marked"');
  expect(text).toContain('WORKER_KILLED');
  expect(idsOf(destination.items.entries)).toEqual(['a']);
});

test('a plugin gets no more than its share of a core', async () => {
  const destination = await Destination.start();
  const burn = 'const end = performance.now() + 20; while (performance.now() < end);';
  const collector = await launch(processor(burn), { destination, threads: 1, bounds: 'cpu: 0.2' }).ready();
  for (let round = 0; round < 6; round++) {
    expect((await postLogs(collector.http(), [`marked-${round}`, `marked-x${round}`])).status).toBe(200);
  }
  await collector.metric('millrace_plugin_throttled_seconds', { plugin: './bad.ts' }, (seconds) => seconds > 0);
});

test('a component of which nothing can be isolated is refused by validate, with one sentence', async () => {
  const cwd = temporaryFolder();
  writeFileSync(
    join(cwd, 'held.ts'),
    `import { defineProcessor, Type } from '@millrace/api';
export default defineProcessor({ type: 'held', summary: 'x', stability: 'development', config: Type.Object({}), examples: [],
  stateful: { signals: ['logs'], create: (_config, host) => ({ consume: (batch) => host.next([batch]), async shutdown() {} }) } });`,
  );
  const yaml = `{ plugins: [{ path: ./held.ts, isolation: worker }], receivers: { otlp: { protocols: { http: } } }, processors: { held: }, exporters: { nop: }, service: { pipelines: { logs: { receivers: [otlp], processors: [held], exporters: [nop] } } } }`;
  writeFileSync(join(cwd, 'config.yaml'), yaml);
  const { code, stderr } = await runMillrace(['validate', '--config', 'config.yaml'], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain(
    'the processor "held" of the isolated plugin "./held.ts" cannot be isolated: stateful.create() does I/O or holds state',
  );
});
