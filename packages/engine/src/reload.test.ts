import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ComponentError,
  defineExporter,
  defineExtension,
  defineReceiver,
  type Definition,
  sendingQueue,
  Type,
} from '@millrace/api';
import { SimulatedFileSystem } from '@millrace/delivery/simulated-file-system';
import { collectorOf, ManualClock, refuseForNow, type TestCollector } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import { attributeOf, builtIn, STEPS } from './testing/steps.ts';

/** Components that cannot start, or cannot be made, when their settings say so. */
const STUBBORN = [
  defineReceiver({
    ...common('stubborn'),
    signals: ['logs'],
    create: ({ fail }) => ({ start: () => refuse(fail === 'start') }),
  }),
  defineExporter({
    ...common('stubborn'),
    signals: ['logs'],
    create: ({ fail, writes }, host) => {
      refuse(fail === 'create');
      if (writes) host.announce('writes', '/somewhere');
      return { start: async () => refuse(fail === 'start'), send: () => Promise.resolve() };
    },
  }),
  defineExtension({ ...common('stubborn'), create: ({ fail }) => ({ start: () => refuse(fail === 'start') }) }),
] as readonly Definition[];

function common<T extends string>(type: T) {
  return {
    type,
    summary: 'Fails when it is told to.',
    stability: 'development',
    config: Type.Object({
      fail: Type.Enum(['no', 'start', 'create'], { default: 'no', description: 'When.' }),
      writes: Type.Boolean({ default: false, description: 'Whether it has a file open.' }),
      sending_queue: Type.Section(sendingQueue()),
    }),
    examples: [],
  } as const;
}

function refuse(fails: boolean): void {
  if (fails) throw new ComponentError('it does not want to', { code: 'STUBBORN' });
}

const plugins = [STEPS, builtIn('processor-batch'), builtIn('connector-forward'), ...STUBBORN];

interface Sections {
  readonly receivers?: string;
  readonly processors?: string;
  readonly exporters?: string;
  readonly extensions?: string;
  readonly service?: string;
  readonly pipelines?: string;
}

function config(sections: Sections = {}): string {
  return `
receivers: { test/in: , ${sections.receivers ?? ''} }
processors: { ${sections.processors ?? ''} }
exporters: { ${sections.exporters ?? 'test/out:'} }
extensions: { ${sections.extensions ?? ''} }
service:
  ${sections.service ?? ''}
  pipelines: ${sections.pipelines ?? '{ logs: { receivers: [test/in], exporters: [test/out] } }'}
`;
}

const THROUGH = (...processors: string[]) =>
  `{ logs: { receivers: [test/in], processors: [${processors.join(', ')}], exporters: [test/out] } }`;

/** Says on which thread it runs. */
const PLUGIN = `
import { threadId } from 'node:worker_threads';
import { defineProcessor, Type } from '@millrace/api';
export default defineProcessor({ type: 'stamp', summary: 's', stability: 'development', config: Type.Object({}), examples: [],
  create: () => ({ logs(batch) { for (const record of batch.records) record.attributes.set('thread', threadId); } }) });
`;

const byNumber = (a: number, b: number) => a - b;

/** Fails unless nothing of the old graph is left that holds memory. */
async function expectNothingLeft(collector: TestCollector): Promise<void> {
  await collector.shutdown();
  expect(collector.bytesInFlight).toBe(0);
}

describe('what a reload changes', () => {
  test('the same configuration changes nothing', async () => {
    const collector = await collectorOf(config(), { plugins });
    const receiver = collector.in();
    expect(await collector.reload(config())).toMatchObject({ started: [], stopped: [], steps: [], kept: 2 });
    await receiver.push('logs', [1]);
    expect(collector.in()).toBe(receiver);
    expect(collector.out().ids()).toEqual([1]);
    await expectNothingLeft(collector);
  });

  test.each([0, 1])('a pure processor takes effect for what comes next, with %d workers', async (threads) => {
    const collector = await collectorOf(config(), { plugins, threads });
    await collector.in().push('logs', [1, 2]);
    const marked = config({ processors: 'mark:', pipelines: THROUGH('mark') });
    const steps = ['processor "mark"'];
    expect(await collector.reload(marked)).toMatchObject({ started: [], stopped: [], steps, kept: 2 });
    await collector.in().push('logs', [3, 4]);
    await collector.reload(config({ processors: 'mark: , only_even:', pipelines: THROUGH('only_even', 'mark') }));
    await collector.in().push('logs', [5, 6]);
    expect(collector.out().ids()).toEqual([1, 2, 3, 4, 6]);
    const marks = attributeOf(collector.out().accepted, 'mark');
    expect(marks.slice(0, 2)).toEqual([undefined, undefined]);
    expect(marks.slice(2)).not.toContain(undefined);
    await expectNothingLeft(collector);
  });

  test('isolation of a plugin comes and goes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-reload-'));
    const file = join(folder, 'double.ts');
    writeFileSync(file, PLUGIN);
    const yaml = (entry: string) =>
      `plugins: [${entry}]\n${config({ processors: 'stamp:', pipelines: THROUGH('stamp') })}`;
    const collector = await collectorOf(yaml(file), { plugins, threads: 1 });
    await collector.in().push('logs', [1]);
    for (const [id, bounds] of [
      'isolation: worker',
      'isolation: worker, heap_mb: 64',
      'isolation: in_process',
    ].entries()) {
      await collector.reload(yaml(`{ path: ${file}, ${bounds} }`));
      await collector.in().push('logs', [id + 2]);
    }
    expect(collector.out().ids()).toEqual([1, 2, 3, 4]);
    expect(new Set(attributeOf(collector.out().accepted, 'thread')).size).toBe(4);
    await expectNothingLeft(collector);
    rmSync(folder, { recursive: true });
  });

  test('pipelines come and go, and receivers without one refuse', async () => {
    const collector = await collectorOf(config(), { plugins });
    const two = `{ logs: { receivers: [test/in], exporters: [test/out] }, logs/b: { receivers: [test/in, test/b], exporters: [test/b] } }`;
    const report = await collector.reload(
      config({ receivers: 'test/b:', exporters: 'test/out: , test/b:', pipelines: two }),
    );
    expect(report).toMatchObject({ started: ['exporter "test/b"', 'receiver "test/b"'], stopped: [], kept: 2 });
    await collector.in().push('logs', [1]);
    await collector.in('test/b').push('logs', [2]);
    expect([collector.out().ids(), collector.out('test/b').ids()]).toEqual([[1], [1, 2]]);
    const gone = collector.in('test/b');
    const back = await collector.reload(config());
    expect(back).toMatchObject({ started: [], stopped: ['exporter "test/b"', 'receiver "test/b"'] });
    await collector.in().push('logs', [3]);
    expect(collector.out('test/b').ids()).toEqual([1, 2]);
    await expectNothingLeft(collector);
    await expect(gone.push('logs', [4])).rejects.toMatchObject({ retryable: true });
  });

  test('a new signal of a receiver makes it another one', async () => {
    const collector = await collectorOf(config(), { plugins });
    const pipelines = `{ logs: { receivers: [test/in], exporters: [test/out] }, traces: { receivers: [test/in], exporters: [test/out] } }`;
    const { started } = await collector.reload(config({ pipelines }));
    expect(started).toEqual(['exporter "test/out"', 'receiver "test/in"']);
    await collector.in().push('traces', [1]);
    await collector.in().push('logs', [2]);
    expect(collector.out().ids('traces')).toEqual([1]);
    await expectNothingLeft(collector);
  });

  test('a component that names an extension goes with it', async () => {
    const yaml = (note: string) =>
      config({
        extensions: `stubborn: { fail: "no", sending_queue: { queue_size: ${note} } }`,
        service: 'extensions: [stubborn]',
        receivers: 'test/named: { note: stubborn }',
        pipelines: '{ logs: { receivers: [test/in, test/named], exporters: [test/out] } }',
      });
    const collector = await collectorOf(yaml('5'), { plugins });
    const { started, kept } = await collector.reload(yaml('6'));
    expect(started).toEqual(['extension "stubborn"', 'receiver "test/named"']);
    expect(kept).toBe(2);
    await expectNothingLeft(collector);
  });

  test('the display shows what runs now', async () => {
    const collector = await collectorOf(
      config({
        exporters: 'stubborn/out:',
        pipelines: '{ logs: { receivers: [test/in], exporters: [stubborn/out] } }',
      }),
      { plugins },
    );
    await collector.reload(config());
    const components = collector.collector
      .snapshot()
      .components.map(({ kind, id, status }) => `${kind} ${id} ${status}`);
    expect(components.toSorted()).toEqual(['exporter test/out ok', 'receiver test/in ok']);
    expect(collector.collector.pipelines.map(({ exporters }) => exporters)).toEqual([['test/out']]);
    await collector.shutdown();
  });
});

describe('what is under way', () => {
  test('is delivered by the exporter that took it, also when another one has its name', async () => {
    const queued = (size: number) =>
      config({
        exporters: `test/out: { sending_queue: { queue_size: ${size} }, retry_on_failure: { enabled: true } }`,
      });
    const clock = new ManualClock();
    const collector = await collectorOf(queued(10), { plugins, clock });
    const out = collector.out();
    out.otherwise = refuseForNow;
    await collector.in().push('logs', [1]);
    await collector.in().push('logs', [2]);
    await out.until(({ calls, open }) => calls >= 2 && open === 0);
    const { started } = await collector.reload(queued(20));
    expect(started).toEqual(['exporter "test/out"']);
    await collector.in().push('logs', [3]);
    out.resume();
    for (let turn = 0; turn < 100 && out.items < 3; turn++) await clock.advance(1_000);
    expect(out.ids().toSorted(byNumber)).toEqual([1, 2, 3]);
    const end = collector.shutdown();
    for (let turn = 0; turn < 20; turn++) await clock.advance(1_000);
    expect(await end).toMatchObject({ leftItems: 0 });
    expect(collector.bytesInFlight).toBe(0);
  });

  test('is waited for when the collector stops before it is delivered, and counted where it is not', async () => {
    const queued = (size: number) => config({ exporters: `test/out: { sending_queue: { queue_size: ${size} } }` });
    const collector = await collectorOf(queued(10), { plugins });
    const out = collector.out();
    out.stall();
    await collector.in().push('logs', [1]);
    await out.until(({ open }) => open === 1);
    await collector.reload(queued(20));
    await collector.in().push('logs', [2]);
    const end = collector.shutdown();
    out.resume();
    expect(await end).toMatchObject({ leftItems: 0 });
    expect(out.ids().toSorted(byNumber)).toEqual([1, 2]);
  });

  test('a sender that waits is answered by the old graph', async () => {
    const collector = await collectorOf(config(), { plugins });
    const out = collector.out();
    out.stall();
    const waiting = collector.in().push('logs', [1]);
    await out.until(({ open }) => open === 1);
    const other = config({
      exporters: 'test/other:',
      pipelines: '{ logs: { receivers: [test/in], exporters: [test/other] } }',
    });
    await collector.reload(other);
    await collector.in().push('logs', [2]);
    expect(collector.out('test/other').ids()).toEqual([2]);
    out.resume();
    await waiting;
    expect(out.ids()).toEqual([1]);
    await expectNothingLeft(collector);
  });

  test.each([
    ['the same', 'batch: { send_batch_size: 4, timeout: 1h }', [1, 2, 3, 4]],
    ['another', 'batch: { send_batch_size: 2, timeout: 1h }', [1, 2, 3, 4]],
    ['no', undefined, [1, 2, 3, 4]],
  ] as const)('what a batch processor holds is passed on by %s batch processor', async (_name, batch, all) => {
    const batching = (processors: string) =>
      config({ processors, pipelines: THROUGH('batch'), exporters: 'test/out:, test/memory: { guarantee: memory }' });
    const collector = await collectorOf(batching('batch: { send_batch_size: 4, timeout: 1h }'), { plugins });
    const held = collector.in().push('logs', [1, 2]);
    const { kept } = await collector.reload(batch === undefined ? config() : batching(batch));
    expect(kept).toBe(_name === 'the same' ? 3 : 2);
    await collector.in().push('logs', [3, 4]);
    await held;
    expect(collector.out().ids().toSorted(byNumber)).toEqual(all);
    await expectNothingLeft(collector);
  });

  test('a stateful component that is kept passes on to the new graph', async () => {
    const yaml = (...behind: string[]) =>
      config({
        processors: 'mark: , batch: { send_batch_size: 2, timeout: 1h }',
        pipelines: THROUGH('batch', ...behind),
      });
    const collector = await collectorOf(yaml(), { plugins });
    const held = collector.in().push('logs', [1]);
    await collector.reload(yaml('mark'));
    await collector.in().push('logs', [2]);
    await held;
    expect(attributeOf(collector.out().accepted, 'mark')).not.toContain(undefined);
    expect(collector.out().accepted).toHaveLength(1);
    await expectNothingLeft(collector);
  });
});

describe('when something fails', () => {
  const bad: readonly (readonly [string, string, string])[] = [
    [
      'an exporter that cannot be made',
      config({
        exporters: 'test/out: , stubborn: { fail: create }',
        pipelines: '{ logs: { receivers: [test/in], exporters: [test/out, stubborn] } }',
      }),
      'does not want to',
    ],
    [
      'an exporter that cannot start',
      config({
        exporters: 'test/out: , stubborn: { fail: start }',
        pipelines: '{ logs: { receivers: [test/in], exporters: [test/out, stubborn] } }',
      }),
      'cannot start exporter "stubborn"',
    ],
    [
      'an extension that cannot start',
      config({ extensions: 'stubborn: { fail: start }', service: 'extensions: [stubborn]' }),
      'cannot start extension "stubborn"',
    ],
    [
      'a receiver that cannot start',
      config({
        receivers: 'stubborn: { fail: start }',
        processors: 'mark:',
        pipelines: '{ logs: { receivers: [test/in, stubborn], processors: [mark], exporters: [test/out] } }',
      }),
      'cannot start receiver "stubborn"',
    ],
    [
      'a change that needs a restart',
      config({ service: 'bytes_in_flight_max: 300MiB' }),
      'service.bytes_in_flight_max',
    ],
  ];

  test.each(bad)('%s: the old graph goes on', async (_name, yaml, message) => {
    const collector = await collectorOf(config(), { plugins, metrics: true });
    const receiver = collector.in();
    await expect(collector.reload(yaml)).rejects.toThrow(message);
    await receiver.push('logs', [1, 2]);
    expect(collector.out().ids()).toEqual([1, 2]);
    expect(attributeOf(collector.out().accepted, 'mark')).toEqual([undefined, undefined]);
    expect(collector.collector.lastReload?.error).toContain(message);
    expect(collector.collector.config.exporters.has('stubborn')).toBe(false);
    const metrics = await collector.metrics();
    expect(metrics.get('millrace_reload{result="failure"}')).toBe(1);
    expect(metrics.get('millrace_last_reload_successful')).toBe(0);
    const components = collector.collector
      .snapshot()
      .components.map(({ kind, id, status }) => `${kind} ${id} ${status}`);
    expect(components.toSorted()).toEqual(['exporter test/out ok', 'receiver test/in ok']);
    await collector.reload(config({ processors: 'mark:', pipelines: THROUGH('mark') }));
    await receiver.push('logs', [3]);
    expect(attributeOf(collector.out().accepted, 'mark').at(-1)).not.toBeUndefined();
    await expectNothingLeft(collector);
  });

  test('a receiver that was replaced is started again', async () => {
    const collector = await collectorOf(config(), { plugins });
    const yaml = config({
      receivers: 'stubborn: { fail: start }',
      pipelines: '{ logs: { receivers: [stubborn], exporters: [test/out] } }',
    });
    await expect(collector.reload(yaml)).rejects.toThrow('cannot start receiver');
    await collector.in().push('logs', [1]);
    expect(collector.out().ids()).toEqual([1]);
    await expectNothingLeft(collector);
  });

  test('a configuration that cannot be read changes nothing', async () => {
    const collector = await collectorOf(config(), { plugins });
    await expect(collector.reload(config({ exporters: 'tset/out:' }))).rejects.toThrow('tset');
    await collector.in().push('logs', [1]);
    await expectNothingLeft(collector);
  });

  test('a shutdown refuses the reloads that come after it', async () => {
    const collector = await collectorOf(config(), { plugins });
    await collector.shutdown();
    await expect(collector.reload(config())).rejects.toMatchObject({ code: 'RELOAD_CLOSED' });
  });

  test('what was under way to an exporter when a reload came, and a shutdown at once, is delivered', async () => {
    const collector = await collectorOf(config(), { plugins });
    const waiting = collector.in().push('logs', [1]);
    await collector.reload(config());
    const end = await collector.shutdown();
    expect(await waiting).toEqual({ items: 1 });
    expect(end).toEqual({ leftItems: 0, keptItems: 0, openSubmissions: 0 });
    expect(collector.out().ids()).toEqual([1]);
  });

  test('a shutdown waits for the reload under way', async () => {
    const collector = await collectorOf(config(), { plugins });
    const reload = collector.reload(config({ processors: 'mark:', pipelines: THROUGH('mark') }));
    const settled = reload.then(
      () => 'reloaded',
      () => 'refused',
    );
    await Promise.resolve();
    expect(await collector.shutdown()).toMatchObject({ leftItems: 0 });
    expect(['reloaded', 'refused']).toContain(await settled);
  });

  test('a shutdown while an exporter hands its stored queue over ends both, in its own time, and starts nothing', async () => {
    const stored = (size: number) =>
      config({
        extensions: 'test_storage:',
        exporters: `test/out: { sending_queue: { queue_size: ${size}, storage: test_storage }, retry_on_failure: { enabled: true } }`,
        service: 'extensions: [test_storage]',
      });
    const clock = new ManualClock();
    const disk = new SimulatedFileSystem({ seed: 1, nowMs: () => clock.now() });
    const collector = await collectorOf(stored(10), { plugins, clock, disk });
    const out = collector.out();
    out.stall();
    await collector.in().push('logs', [1]);
    await collector.in().push('logs', [2]);
    await out.until(({ open }) => open === 2);
    const reload = collector.reload(stored(20));
    reload.catch(() => undefined);
    await clock.advance(1_000);
    const waiting = collector.in().push('logs', [3]);
    waiting.catch(() => undefined);
    await clock.settle();
    const begunMs = clock.monotonic();
    let endedMs = Infinity;
    const end = collector.shutdown().finally(() => (endedMs = clock.monotonic()));
    const seconds = collector.collector.config.service.shutdownTimeoutMs / 1_000;
    for (let second = 0; second <= seconds; second++) await clock.advance(1_000);
    expect(await end).toEqual({ leftItems: 0, keptItems: 2, openSubmissions: 0 });
    expect(endedMs - begunMs).toBeLessThanOrEqual(seconds * 1_000);
    await expect(reload).rejects.toMatchObject({ code: 'RELOAD_CLOSED' });
    await expect(waiting).rejects.toMatchObject({ retryable: true });
    expect(collector.bytesInFlight).toBe(0);
    const { calls } = out;
    await clock.advance(120_000);
    expect(out.calls).toBe(calls);
  });

  test('an exporter that waits for a file of another one and cannot be started makes way for that one', async () => {
    const writing = (names: string) => `
receivers: { test/in: }
exporters: { ${names} }
service: { pipelines: { logs: { receivers: [test/in], exporters: [${names.match(/[a-z/]+(?=:)/)?.[0]}] } } }
`;
    const collector = await collectorOf(writing('stubborn/a: { writes: true }'), { plugins });
    await expect(collector.reload(writing('stubborn/b: { fail: start }'))).rejects.toMatchObject({ code: 'STUBBORN' });
    await collector.in().push('logs', [1]);
    await collector.reload(config());
    await collector.in().push('logs', [2]);
    expect(collector.out().ids()).toEqual([2]);
    await expectNothingLeft(collector);
  });
});

test('under load, a hundred reloads lose nothing, double nothing and refuse nothing', async () => {
  const variants = [
    config(),
    config({ processors: 'mark:', pipelines: THROUGH('mark') }),
    config({ processors: 'batch: { send_batch_size: 3, timeout: 1ms }', pipelines: THROUGH('batch') }),
    config({ processors: 'batch: { send_batch_size: 7, timeout: 2ms }, mark:', pipelines: THROUGH('mark', 'batch') }),
    config({ exporters: 'test/out: { sending_queue: { queue_size: 5000 } }' }),
    config({
      exporters: 'test/out: { sending_queue: { queue_size: 5000, batch: { min_size: 4, flush_timeout: 1ms } } }',
    }),
    config({ receivers: 'test/in2:', exporters: 'test/out: { guarantee: memory }' }),
  ];
  const collector = await collectorOf(variants[0], { plugins });
  const receiver = collector.in();
  let next = 0;
  const answers: Promise<unknown>[] = [];
  const send = () => {
    for (let sender = 0; sender < 8; sender++, next += 3)
      answers.push(receiver.push('logs', [next, next + 1, next + 2]));
  };
  for (let turn = 1; turn <= 100; turn++) {
    send();
    const reload = collector.reload(variants[(turn * 3) % variants.length]);
    send();
    setImmediate(send);
    await reload;
  }
  await Promise.all(answers);
  expect(await collector.shutdown()).toEqual({ leftItems: 0, keptItems: 0, openSubmissions: 0 });
  expect(collector.out().ids().toSorted(byNumber)).toEqual(Array.from({ length: next }, (_, id) => id));
  expect(collector.bytesInFlight).toBe(0);
});
