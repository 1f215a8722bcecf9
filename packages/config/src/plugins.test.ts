import { type Definition, defineConnector, defineExporter, defineProcessor, Type } from '@millrace/api';
import { describe, expect, test } from 'vitest';
import { FakeRegistry } from './testing/fake-registry.ts';
import { errorsOf, loadText, warningsOf } from './testing/load-text.ts';

const common = { summary: 'For tests.', stability: 'beta', config: Type.Object({}), examples: [] } as const;
const notRun = () => {
  throw new Error('never run');
};
const pure = defineProcessor({ ...common, type: 'pure', create: notRun }) as Definition;
const stateful = defineProcessor({
  ...common,
  type: 'held',
  stateful: { signals: ['logs'], create: notRun },
}) as Definition;
const gate = defineProcessor({ ...common, type: 'gate', gate: { signals: ['logs'], create: notRun } }) as Definition;
const bare = defineExporter({ ...common, type: 'bare', signals: ['logs'], create: notRun }) as Definition;
const encoding = defineExporter({
  ...common,
  type: 'lines',
  signals: ['logs'],
  create: notRun,
  encoder: notRun,
}) as Definition;
const junction = defineConnector({
  ...common,
  type: 'split',
  routes: [{ from: 'logs', to: 'logs' }],
  create: notRun,
}) as Definition;

const all = { './p.ts': [pure, stateful, gate, bare, encoding, junction], '@acme/p': [] };

/** A configuration with a plugin, one of its processors and one of its exporters. */
function text(plugins: string, { processor = 'pure', exporter = 'debug' } = {}): string {
  return `plugins: ${plugins}
receivers: { demo: }
processors: { ${processor}: }
exporters: { ${exporter}: }
service: { pipelines: { logs: { receivers: [demo], processors: [${processor}], exporters: [${exporter}] } } }
`;
}

describe('isolation of a plugin', () => {
  test('is undefined for a name, and for in_process', async () => {
    for (const entry of ['./p.ts', '{ path: ./p.ts }', '{ path: p.ts, isolation: in_process }']) {
      const { config } = await loadText(text(`[${entry}]`), { registry: new FakeRegistry(all) });
      expect(config.processors.get('pure')?.plugin).toEqual({ name: './p.ts', isolation: undefined });
      expect(config.receivers.get('demo')?.plugin).toBeUndefined();
    }
  });

  test('is decoded with its bounds', async () => {
    const entry = '{ path: ./p.ts, isolation: worker, heap_mb: 128, cpu: 0.5, deadline: 5s }';
    const { config } = await loadText(text(`[${entry}]`), { registry: new FakeRegistry(all) });
    expect(config.processors.get('pure')?.plugin).toEqual({
      name: './p.ts',
      isolation: { heapMb: 128, cpu: 0.5, deadlineMs: 5000 },
    });
  });

  test('names a package as well', async () => {
    const registry = new FakeRegistry({ '@acme/p': [pure] });
    await loadText(text("[{ package: '@acme/p', isolation: worker }]"), { registry });
    expect(registry.loaded).toEqual(['@acme/p in /etc/millrace']);
  });

  test.each([
    [
      '{ path: ./p.ts, heap_mb: 64 }',
      'plugins[0].heap_mb  "heap_mb" has no effect in the pool, which all plugins share  add isolation: worker, or take it out',
    ],
    [
      '{ path: ./p.ts, package: x }',
      'plugins[0]  names both a path and a package  write either path: ./my-plugin.ts or package: @acme/package',
    ],
    [
      '{ isolation: worker }',
      'plugins[0]  names no plugin  write either path: ./my-plugin.ts or package: @acme/package',
    ],
    ['{ path: ./p.ts, isolation: vm }', 'plugins[0].isolation  must be one of'],
    ['{ path: ./p.ts, isolation: worker, cpu: 2 }', 'plugins[0].cpu  must be at most 1'],
    ['{ path: ./p.ts, isolation: worker, heap_mb: 1 }', 'plugins[0].heap_mb  must be at least 16'],
    ['{ path: ./p.ts, isolation: worker, heap: 64 }', 'plugins[0].heap  the key "heap" is not known'],
  ])('is refused where it makes no sense: %s', async (entry, message) => {
    const errors = await errorsOf(text(`[${entry}]`), { registry: new FakeRegistry(all) });
    expect(
      errors.some((error) => error.includes(message)),
      errors.join('\n'),
    ).toBe(true);
  });
});

describe('what of an isolated component stays in the process', () => {
  const worker = '[{ path: ./p.ts, isolation: worker }]';

  test.each([
    [
      'held',
      'debug',
      'the processor "held" of the isolated plugin "./p.ts" cannot be isolated: stateful.create() does I/O or holds state',
    ],
    [
      'gate',
      'debug',
      'the processor "gate" of the isolated plugin "./p.ts" cannot be isolated: gate.create() does I/O or holds state',
    ],
    [
      'pure',
      'bare',
      'the exporter "bare" of the isolated plugin "./p.ts" cannot be isolated: create() does I/O or holds state',
    ],
  ])('nothing can be isolated of %s and %s', async (processor, exporter, message) => {
    const errors = await errorsOf(text(worker, { processor, exporter }), { registry: new FakeRegistry(all) });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(message);
  });

  test('a sink beside its encoder is told of', async () => {
    const warnings = await warningsOf(text(worker, { exporter: 'lines' }), { registry: new FakeRegistry(all) });
    expect(warnings).toEqual([
      expect.stringContaining(
        'the exporter "lines" of the isolated plugin "./p.ts" is isolated in part: encoder() has a worker of its own, create() runs in the collector\'s own process',
      ),
    ]);
  });
});
