import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { branch, chunksOf, Fixture, leaf, plan, step, transform } from './testing/fixture.ts';
import type { GrindReport } from './mill-settings.ts';
import type { Seen } from './testing/fixture.ts';
import { bodiesOf, logs } from './testing/logs.ts';

let fixture: Fixture;

afterEach(async () => {
  await fixture.mill.shutdown();
  expect(fixture.arena.leaks()).toEqual([]);
  expect(fixture.arena.bytesInFlight).toBe(0);
});

function bodies(count: number, prefix: string): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix} ${index}`);
}

/** Every item is either in the leaf or failed. */
function expectExact(seen: Seen, sent: readonly (readonly string[])[], killing: readonly string[]): void {
  const all = sent.flat();
  expect(bodiesOf(chunksOf(seen)).sort()).toEqual(all.filter((body) => !killing.includes(body)).sort());
  expect(seen.parts.map((part) => part.items)).toEqual(sent.map((part) => part.length));
  const failed = sent.map((part) => part.filter((body) => killing.includes(body)).length);
  expect(seen.parts.map((part) => part.failedItems)).toEqual(failed);
  for (const part of seen.parts) {
    if (part.failedItems === 0) expect(part.error).toBeUndefined();
    else expect(part.error).toMatchObject({ code: 'WORKER_KILLED', retryable: false, failedItems: part.failedItems });
  }
}

describe('a record that kills its worker', () => {
  it.each([
    ['exits', 'exit', 'it exited with code 3'],
    ['never ends', 'spin', 'it was still running after 250 ms'],
    ['takes all memory', 'hog', 'it needed more than 48 MiB of heap'],
  ])('because it %s is reported, and nothing else is lost', async (_how, type, message) => {
    fixture = new Fixture(1, { deadlineMs: type === 'spin' ? 250 : 10_000 });
    await fixture.start(plan([branch([transform(type, { marker: 'killer' })])]));
    const sent = [bodies(5, 'a'), [...bodies(20, 'b'), 'killer', ...bodies(20, 'c')], bodies(3, 'd')];
    const seen = await fixture.run(sent.map((part) => logs(part)));
    expectExact(seen, sent, ['killer']);
    expect(seen.parts[1].error?.message).toBe(`processor "${type}/test" ended its worker: ${message}`);
    // Once, once more, and twice to find it.
    expect(fixture.mill.stats.workersLost).toBe(4);
    const deaths = fixture.logger.lines.filter((line) => line.message === 'a worker died');
    expect(deaths.map(({ fields }) => fields)).toEqual(
      Array.from({ length: 4 }, () => ({ reason: message, during: `processor "${type}/test"` })),
    );
    // The pool goes on.
    expect(bodiesOf(chunksOf(await fixture.run([logs(['later'])])))).toEqual(['later']);
  });

  it('is found among several, in several parts', async () => {
    fixture = await new Fixture(2).start(plan([branch([transform('exit', { marker: 'killer' })])]));
    const sent = [['killer 1'], [...bodies(3, 'a'), 'killer 2', 'killer 3', 'b'], bodies(4, 'c'), ['d', 'killer 4']];
    const seen = await fixture.run(sent.map((part) => logs(part)));
    expectExact(seen, sent, ['killer 1', 'killer 2', 'killer 3', 'killer 4']);
  });

  it('does not disturb the grinds of others', async () => {
    fixture = await new Fixture(2).start(
      plan([branch([transform('exit', { marker: 'killer' })])]),
      plan([branch([])], { id: 'other' }),
    );
    const killing = fixture.run([logs(['a', 'killer'])]);
    const others = await Promise.all(bodies(20, 'other').map((body) => fixture.run([logs([body])], 'other')));
    expect(others.map((seen) => bodiesOf(chunksOf(seen))[0])).toEqual(bodies(20, 'other'));
    expectExact(await killing, [['a', 'killer']], ['killer']);
  });

  it('is isolated beside records on which steps throw', async () => {
    const steps = [transform('explode', { marker: 'bad' }), transform('exit', { marker: 'killer' })];
    fixture = await new Fixture(1).start(plan([branch(steps)]));
    const seen = await fixture.run([logs(['a', 'bad', 'b', 'killer', 'c'])]);
    expect(bodiesOf(chunksOf(seen))).toEqual(['a', 'b', 'c']);
    expect(seen.parts[0]).toMatchObject({ items: 5, failedItems: 2, error: { code: 'WORKER_KILLED', failedItems: 2 } });
  });
});

it('a payload that kills in its decoder fails as a whole', async () => {
  const decoder = step('decoder', 'flip', { crash: 'exit' });
  fixture = await new Fixture(1).start(plan([branch([])], { decoder }));
  const flipped = (body: string) => logs([body]).map((byte) => byte ^ 0x55);
  const parts = [
    fixture.part(flipped('a')),
    fixture.part(flipped('b'), { form: { crash: true } }),
    fixture.part(flipped('c')),
  ];
  const seen = fixture.seen(await fixture.grind(parts));
  expect(bodiesOf(chunksOf(seen))).toEqual(['a', 'c']);
  expect(seen.parts.map((part) => part.error?.code)).toEqual([undefined, 'WORKER_KILLED', undefined]);
  expect(seen.parts[1]).toMatchObject({ items: 0, failedItems: 0 });
  expect(seen.parts[1].error?.message).toContain('receiver "flip/test"');
});

it('a step that always kills fails everything after a bounded number of deaths', async () => {
  const pauses: number[] = [];
  const clock = {
    monotonic: () => performance.now(),
    after(delayMs: number, callback: () => void) {
      pauses.push(delayMs);
      setImmediate(callback);
      return () => undefined;
    },
  };
  fixture = new Fixture(1, { clock });
  await fixture.start(plan([branch([transform('exit', { marker: '' })])]));
  const sent = [bodies(40, 'a'), bodies(10, 'b')];
  const seen = await fixture.run(sent.map((part) => logs(part)));
  expect(seen.leaves).toEqual([]);
  expect(seen.parts.map((part) => part.error?.code)).toEqual(['WORKER_KILLED', 'WORKER_KILLED']);
  expect(seen.parts[0]).toMatchObject({ items: 40, failedItems: 40 });
  expect(fixture.mill.stats.workersLost).toBeLessThan(20);
  expect(pauses.slice(0, 4)).toEqual([50, 100, 200, 400]);
  expect(Math.max(...pauses)).toBe(1000);
});

it('workers that die when they start are started again, and what waited is done', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-workers-'));
  const flag = join(dir, 'flag');
  const module = join(dir, 'fragile.ts');
  await writeFile(
    module,
    `import { existsSync } from 'node:fs';
     import { defineProcessor, Type } from '@millrace/api';
     if (existsSync(${JSON.stringify(flag)})) process.exit(1);
     const about = { summary: 's', stability: 'beta', config: Type.Object({}), examples: [] } as const;
     export default defineProcessor({ type: 'fragile', ...about, create: () => ({ logs() {} }) });`,
  );
  let pauses = 0;
  const clock = {
    monotonic: () => performance.now(),
    after(_delayMs: number, callback: () => void) {
      if (++pauses === 3) rmSync(flag, { force: true });
      setImmediate(callback);
      return () => undefined;
    },
  };
  fixture = new Fixture(1, { clock });
  const fragile = { ...transform('fragile'), module: pathToFileURL(module).href };
  await fixture.start(plan([branch([fragile, transform('exit', { marker: 'killer' })])]));
  await writeFile(flag, '');
  const sent = [['a', 'killer', 'b']];
  expectExact(await fixture.run(sent.map((part) => logs(part))), sent, ['killer']);
  expect(fixture.logger.lines.map(({ message }) => message)).toContain('no worker is left, another one is started');
  await rm(dir, { recursive: true });
});

it('parts that kill only together go through one by one', async () => {
  fixture = await new Fixture(1).start(plan([branch([transform('fragile', { max: 5 })])]));
  const sent = [bodies(4, 'a'), bodies(3, 'b')];
  expectExact(await fixture.run(sent.map((part) => logs(part))), sent, []);
});

it('logs of steps reach the logger, with the component that wrote them', async () => {
  fixture = await new Fixture(1).start(plan([branch([transform('shout', { marker: 'x' })])]));
  await fixture.run([logs(['x'])]);
  await fixture.run([logs(['y'])]);
  expect(fixture.logger.lines).toContainEqual({
    level: 'warn',
    message: 'seen',
    fields: { step: 'shout/test', component: 'shout/test' },
  });
});

it('outputs that outgrow what was expected are complete all the same', async () => {
  const value = 'v'.repeat(5000);
  fixture = await new Fixture(1).start(plan([branch([transform('tag', { key: 'k', value })])]));
  for (const count of [1, 50, 200]) {
    const seen = await fixture.run([logs(bodies(count, 'a'))]);
    expect(bodiesOf(chunksOf(seen))).toEqual(bodies(count, 'a'));
    expect(chunksOf(seen).reduce((sum, chunk) => sum + chunk.length, 0)).toBeGreaterThan(count * 5000);
  }
});

it('outputs that do not fit into the budget have the parts sent again', async () => {
  const value = 'v'.repeat(10_000);
  fixture = new Fixture(1, { bytesInFlightMax: 1024 * 1024 });
  await fixture.start(plan([branch([transform('tag', { key: 'k', value })])]));
  const seen = await fixture.run([logs(bodies(200, 'a'))]);
  expect(seen.leaves).toEqual([]);
  expect(seen.parts[0]).toMatchObject({ error: { code: 'MEMORY_BUDGET', retryable: true } });
});

it('a form that cannot be cloned fails its grind and nothing else', async () => {
  fixture = await new Fixture(1).start(plan([branch([])], { decoder: step('decoder', 'flip') }));
  const part = fixture.part(logs(['a']), { form: { callback: () => 1 } });
  const seen = fixture.seen(await fixture.grind([part]));
  expect(seen.parts[0].error).toMatchObject({ retryable: false });
  expect(fixture.mill.stats.workersLost).toBe(0);
});

describe('priorities', () => {
  it('put high before normal before backlog, in order within each', async () => {
    fixture = await new Fixture(1).start(plan([branch([])]));
    const done: string[] = [];
    const submit = async (name: string, priority: 'high' | 'normal' | 'backlog') => {
      fixture.seen(await fixture.grind([fixture.part(logs([name]))], 'plan', priority));
      done.push(name);
    };
    // The first one goes to the idle worker at once.
    await Promise.all([
      submit('first', 'backlog'),
      submit('b1', 'backlog'),
      submit('n1', 'normal'),
      submit('h1', 'high'),
      submit('b2', 'backlog'),
      submit('h2', 'high'),
      submit('n2', 'normal'),
    ]);
    expect(done).toEqual(['first', 'h1', 'h2', 'n1', 'n2', 'b1', 'b2']);
  });
});

describe('stats', () => {
  it('show what runs and what waits', async () => {
    fixture = await new Fixture(1).start(plan([branch([])]));
    const { mill } = fixture;
    expect(mill.stats).toMatchObject({ threads: 1, running: 0, waiting: 0, workersLost: 0 });
    const work = [fixture.run([logs(['a'])]), fixture.run([logs(['b'])]), fixture.run([logs(['c'])])];
    expect(mill.stats).toMatchObject({ running: 1, waiting: 2 });
    await Promise.all(work);
    expect(mill.stats).toMatchObject({ running: 0, waiting: 0 });
    const used = mill.stats.utilisation();
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(1);
  });

  it('report each grind', async () => {
    const reports: unknown[] = [];
    fixture = new Fixture(1, { onGrind: (report) => void reports.push(report) });
    await fixture.start(plan([branch([])]));
    const payload = logs(['a']);
    await fixture.run([payload, payload]);
    expect(reports).toEqual([
      {
        planId: 'plan',
        parts: 2,
        inputBytes: payload.length * 2,
        waitMs: expect.any(Number),
        busyMs: expect.any(Number),
        costs: [],
        failures: [],
      },
    ]);
  });

  it.each([0, 1])('tell what each step cost, whether it succeeds or not, with %i workers', async (threads) => {
    const reports: GrindReport[] = [];
    fixture = new Fixture(threads, { onGrind: (report) => void reports.push(report) });
    const transforms = [transform('tag', { key: 'k', value: 'v' }), transform('explode', { marker: 'x' })];
    const output = { to: 'leaf', leaf: 0, encoder: step('encoder', 'lines'), contiguous: true } as const;
    await fixture.start(plan([branch(transforms, [output])]));
    await fixture.run([logs(['a', 'b'])]);
    await fixture.run([logs(['x'])]);
    const [good, bad] = reports.map(({ costs }) => costs.map(({ id, items, pipeline }) => ({ id, items, pipeline })));
    expect(good).toEqual(
      ['tag', 'explode', 'lines'].map((type) => ({ id: `${type}/test`, items: 2, pipeline: 'logs' })),
    );
    expect(bad.map(({ id }) => id)).toEqual(['tag/test', 'explode/test']);
    expect(reports.map(({ failures }) => failures)).toEqual([
      [],
      [
        {
          message: 'processor "explode/test" failed: boom',
          at: expect.stringMatching(/kitchen\.ts:\d+:\d+$/) as string,
        },
      ],
    ]);
    for (const { busyMs, costs } of reports) {
      expect(costs.every((cost) => cost.busyMs > 0)).toBe(true);
      expect(costs.reduce((sum, cost) => sum + cost.busyMs, 0)).toBeLessThanOrEqual(busyMs);
    }
  });
});

describe('jobs', () => {
  const job = (name: string) => ({ module: step('encoder', 'lines').module, type: 'lines', job: name });

  it('run on workers', async () => {
    fixture = await new Fixture(1).start();
    expect(await fixture.mill.run(job('reverse'), Uint8Array.of(1, 2, 3), {})).toEqual(Uint8Array.of(3, 2, 1));
    const output = await fixture.mill.run(job('itself'), new Uint8Array(100_000).fill(7), {});
    expect(output.every((byte) => byte === 7)).toBe(true);
    expect(output).toHaveLength(100_000);
  });

  it('that fail or kill are told so', async () => {
    fixture = await new Fixture(1).start();
    await expect(fixture.mill.run(job('fail'), new Uint8Array(1), {})).rejects.toMatchObject({ code: 'JOB_FAILED' });
    await expect(fixture.mill.run(job('die'), new Uint8Array(1), {})).rejects.toMatchObject({ code: 'WORKER_KILLED' });
  });
});

describe('start', () => {
  it('refuses what cannot be built, by name', async () => {
    fixture = new Fixture(2);
    await expect(fixture.start(plan([branch([transform('uncreatable')])]))).rejects.toMatchObject({
      name: 'ComponentError',
      code: 'STEP_CREATE_FAILED',
    });
  });

  it('refuses a module that ends workers when it is imported', async () => {
    fixture = new Fixture(1);
    const module = `data:text/javascript,${encodeURIComponent('process.exit(9)')}`;
    const dying = plan([branch([{ ...transform('x'), module }])]);
    await expect(fixture.start(dying)).rejects.toMatchObject({ code: 'WORKERS_CANNOT_START' });
  });

  it('may be called again with other plans', async () => {
    fixture = await new Fixture(1).start(plan([branch([])]));
    const first = fixture.run([logs(['a'])]);
    await fixture.start(plan([branch([], [leaf(7)])]));
    expect((await first).leaves[0].leaf).toBe(0);
    expect((await fixture.run([logs(['b'])])).leaves[0].leaf).toBe(7);
  });
});

it('an idle mill does not keep the process alive', async () => {
  fixture = new Fixture(0);
  const script = `
    const { Arena, createMill } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    const plan = ${JSON.stringify(plan([branch([transform('tag', { key: 'k', value: 'v' })])]))};
    const logger = { debug() {}, info() {}, warn: console.error, error: console.error };
    const arena = new Arena({ shared: true, bytesInFlightMax: 1e7 });
    const mill = createMill({ threads: 1, heapMb: 64, deadlineMs: 1000, arena, logger });
    await mill.start([plan]);
    const part = { region: arena.copy(new Uint8Array(${JSON.stringify([...logs(['a'])])}), 'intake') };
    console.log((await mill.grind('plan', [part], { priority: 'normal' })).leaves[0].items);
  `;
  const args = ['--input-type=module', '-e', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  expect([stdout, stderr]).toEqual(['1\n', '']);
});

it('shutdown waits for what runs and leaves no thread behind', async () => {
  fixture = await new Fixture(2).start(plan([branch([])]));
  const work = bodies(10, 'a').map((body) => fixture.run([logs([body])]));
  await fixture.mill.shutdown();
  expect((await Promise.all(work)).flatMap((seen) => bodiesOf(chunksOf(seen)))).toEqual(bodies(10, 'a'));
  expect(process.getActiveResourcesInfo().filter((name) => /worker/i.test(name))).toEqual([]);
  expect(() => fixture.mill.grind('plan', [], { priority: 'normal' })).toThrow('shut down');
});
