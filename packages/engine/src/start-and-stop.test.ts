import {
  ComponentError,
  type ComponentHost,
  defineExporter,
  defineExtension,
  defineProcessor,
  defineReceiver,
  type Definition,
  type Lifecycle,
  Type,
} from '@millrace/api';
import { collectorOf, ManualClock } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';

/** Components that write down when they are started and stopped, and do then what a test says. */
class Cast {
  readonly diary: string[] = [];
  readonly hosts = new Map<string, ComponentHost>();
  /** By `start x` or `stop x`. */
  readonly instead = new Map<string, () => void | Promise<void>>();

  readonly definitions: readonly Definition[] = [
    defineExtension({ ...COMMON, create: (_config, host) => this.#play(host) }),
    defineReceiver({ ...COMMON, signals: ['logs'], create: (_config, host) => this.#play(host) }),
    defineProcessor({
      ...COMMON,
      stateful: {
        signals: ['logs'],
        create: (_config, host) => {
          const shutdown = async () => this.#step('stop', host.id);
          return { ...this.#play(host), shutdown, consume: (batch) => host.next([batch]) };
        },
      },
    }),
    defineProcessor({
      ...COMMON,
      type: 'guard',
      gate: { signals: ['logs'], create: (_config, host) => ({ ...this.#play(host), admit: () => undefined }) },
    }),
    defineExporter({
      ...COMMON,
      signals: ['logs'],
      create: (_config, host) => ({ ...this.#play(host), send: () => Promise.resolve() }),
    }),
  ] as readonly Definition[];

  #play(host: ComponentHost): Lifecycle {
    this.hosts.set(host.id, host);
    return { start: () => this.#step('start', host.id), shutdown: () => this.#step('stop', host.id) };
  }

  #step(what: 'start' | 'stop', id: string): void | Promise<void> {
    this.diary.push(`${what} ${id}`);
    return this.instead.get(`${what} ${id}`)?.();
  }
}

const COMMON = {
  type: 'actor',
  summary: 'Plays a part.',
  stability: 'development',
  config: Type.Object({}),
  examples: [],
} as const;

const YAML = `
extensions: { actor/x1: , actor/x2: }
receivers: { actor/r1: , actor/r2: , test/in: }
processors: { actor/p1: , actor/p2: , guard/g: }
exporters: { actor/e1: , actor/e2: , test/out: }
service:
  extensions: [actor/x2, actor/x1]
  shutdown_timeout: 10s
  pipelines:
    logs: { receivers: [actor/r1, actor/r2, test/in], processors: [guard/g, actor/p1, actor/p2], exporters: [actor/e1, actor/e2, test/out] }
`;

const kinds = (diary: readonly string[]) => diary.map((entry) => entry.replace(/\/(.).*/, '/$1'));

async function onStage(cast: Cast, options: { readonly start?: boolean; readonly clock?: ManualClock } = {}) {
  return collectorOf(YAML, { plugins: cast.definitions, ...options });
}

describe('the order', () => {
  test('extensions start first, in their order, then exporters, processors and receivers', async () => {
    const cast = new Cast();
    await using collector = await onStage(cast);
    expect(collector.collector.ready).toBe(true);
    expect(cast.diary.slice(0, 2)).toEqual(['start actor/x2', 'start actor/x1']);
    const order = kinds(cast.diary).filter((entry, index, all) => entry !== all[index - 1]);
    expect(order).toEqual(['start actor/x', 'start actor/e', 'start guard/g', 'start actor/p', 'start actor/r']);
    expect(cast.diary).toHaveLength(9);
  });

  test('shutdown stops receivers first, then processors from upstream, exporters, and extensions backwards', async () => {
    const cast = new Cast();
    const collector = await onStage(cast);
    cast.diary.length = 0;
    await collector.shutdown();
    expect(cast.diary).toEqual([
      'stop actor/r1',
      'stop actor/r2',
      'stop actor/p1',
      'stop actor/p2',
      'stop actor/e1',
      'stop actor/e2',
      'stop guard/g',
      'stop actor/x1',
      'stop actor/x2',
    ]);
    expect(collector.collector.ready).toBe(false);
  });

  test('a second shutdown gives the same result and stops nobody again', async () => {
    const cast = new Cast();
    const collector = await onStage(cast);
    const first = await collector.shutdown();
    const { length } = cast.diary;
    expect(await collector.shutdown()).toBe(first);
    expect(cast.diary).toHaveLength(length);
  });
});

describe('a start that fails', () => {
  test.each(['actor/x1', 'actor/e2', 'guard/g', 'actor/p2', 'actor/r2'])(
    'at %s stops what had started and says who it was, why, and what to do',
    async (id) => {
      const cast = new Cast();
      cast.instead.set(`start ${id}`, () => {
        throw new ComponentError('no key at /etc/key', { code: 'NO_KEY', remedy: 'make one' });
      });
      const collector = await onStage(cast, { start: false });
      await expect(collector.collector.start()).rejects.toMatchObject({
        code: 'NO_KEY',
        remedy: 'make one',
        message: expect.stringMatching(new RegExp(`cannot start \\w+ "${id}": no key at /etc/key`)) as string,
      });
      const started = cast.diary.filter((entry) => entry.startsWith('start ')).map((entry) => entry.slice(6));
      const stopped = cast.diary.filter((entry) => entry.startsWith('stop ')).map((entry) => entry.slice(5));
      expect(stopped).toEqual(expect.arrayContaining(started));
      expect(new Set(stopped).size).toBe(stopped.length);
      expect(collector.collector.ready).toBe(false);
    },
  );
});

describe('after the start', () => {
  test('one component that fails is reported, and the others go on', async () => {
    const cast = new Cast();
    await using collector = await onStage(cast);
    cast.hosts.get('actor/e1')?.reportStatus('permanent_error', 'the licence has expired');
    const { components } = collector.collector.snapshot();
    const failing = components.filter(({ status }) => status !== 'ok');
    expect(failing).toMatchObject([{ id: 'actor/e1', status: 'permanent_error', message: 'the licence has expired' }]);
    expect(collector.logger.messages('error')).toEqual(['component failed']);
    await expect(collector.in().push('logs', [1])).resolves.toEqual({ items: 1 });
    expect(collector.out().ids()).toEqual([1]);
    expect(collector.collector.ready).toBe(true);
  });

  test('an error of one component at its stop is logged, and all others are stopped', async () => {
    const cast = new Cast();
    for (const id of ['actor/r1', 'actor/p1', 'actor/e1', 'actor/x1']) {
      cast.instead.set(`stop ${id}`, () => Promise.reject(new Error('stuck lid')));
    }
    const collector = await onStage(cast);
    await collector.shutdown();
    expect(cast.diary.filter((entry) => entry.startsWith('stop '))).toHaveLength(9);
    expect(collector.logger.messages('error')).toHaveLength(4);
  });

  test.each(['actor/r1', 'actor/p1', 'actor/e1', 'guard/g', 'actor/x1'])(
    'a shutdown that %s does not end goes on without it when its time is over',
    async (id) => {
      const cast = new Cast();
      const clock = new ManualClock();
      cast.instead.set(`stop ${id}`, () => new Promise(() => undefined));
      const collector = await onStage(cast, { clock });
      const ending = collector.shutdown();
      await clock.advance(10_000);
      await ending;
      expect(cast.diary.filter((entry) => entry.startsWith('stop '))).toHaveLength(9);
    },
  );
});
