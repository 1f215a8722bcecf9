import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Branch, Output, Plan, StepSpec } from '../plan.ts';
import type { Capture } from '../plan-observers.ts';
import { observationPoints } from '../observation-point.ts';
import { branch, chunksOf, Fixture, KITCHEN, leaf, plan, step, transform } from '../testing/fixture.ts';
import type { Seen } from '../testing/fixture.ts';
import { bodiesOf, logs } from '../testing/logs.ts';
import type { IsolatedPlugin } from './isolated-plugin.ts';

/** The same plugin under other addresses: two that are isolated. */
const [ONE, TWO] = ['one', 'two'].map((name) => `${KITCHEN}?${name}`);

function isolated(name: string, module: string, more: Partial<IsolatedPlugin> = {}): IsolatedPlugin {
  return { name, modules: [module], heapMb: 48, deadlineMs: 10_000, cpu: undefined, ...more };
}

/** Does not wait: pauses between deaths are tested elsewhere. */
const HASTY = {
  monotonic: () => performance.now(),
  after: (_delayMs: number, callback: () => void) => {
    setImmediate(callback);
    return () => undefined;
  },
};

const fixtures: Fixture[] = [];

async function fixtureOf(threads: number, plugins: readonly IsolatedPlugin[], ...plans: Plan[]): Promise<Fixture> {
  const fixture = new Fixture(threads, { isolated: plugins, shared: true, clock: HASTY });
  fixtures.push(fixture);
  return fixture.start(...plans);
}

afterEach(async () => {
  for (const fixture of fixtures.splice(0)) {
    await fixture.mill.shutdown();
    expect(fixture.arena.leaks()).toEqual([]);
    expect(fixture.arena.bytesInFlight).toBe(0);
  }
});

const at = (module: string, spec: StepSpec): StepSpec => ({ ...spec, module });

describe('whatever is isolated, what comes out is what the whole plan gives', () => {
  const somewhere = (spec: StepSpec) => fc.constantFrom(KITCHEN, ONE, TWO).map((module) => at(module, spec));
  const steps = fc
    .constantFrom(
      transform('tag', { key: 'env', value: 'prod' }),
      transform('drop', { marker: 'b' }),
      transform('explode', { marker: 'xx' }),
      transform('refuse', { marker: 'yy' }),
      transform('busy', { marker: 'zz' }),
      transform('count', { marker: 'a' }),
      transform('sender'),
    )
    .chain(somewhere);
  const leafOutput: fc.Arbitrary<Output> = fc.record({
    to: fc.constant('leaf' as const),
    leaf: fc.nat(3),
    encoder: fc.option(somewhere(step('encoder', 'lines')), { nil: undefined }),
    contiguous: fc.boolean(),
  });
  const branches = (pipeline: string, outputs: fc.Arbitrary<Output[]>): fc.Arbitrary<Branch> =>
    fc.record({
      pipeline: fc.constant(pipeline),
      signal: fc.constant('logs' as const),
      transforms: fc.array(steps, { maxLength: 4 }),
      outputs,
    });
  const leaves = fc.array(leafOutput, { minLength: 1, maxLength: 3 });
  const junction: fc.Arbitrary<Output> = fc.record({
    to: fc.constant('junction' as const),
    junction: somewhere(step('junction', 'route', { marker: 'a', to: ['logs/a'] })),
    branches: fc.tuple(branches('logs/a', leaves), branches('logs/b', leaves)),
  });
  const someBranches = fc.oneof(
    fc.tuple(branches('logs', leaves)),
    fc.tuple(branches('logs', leaves), branches('logs/2', leaves)),
    fc.tuple(
      branches(
        'logs',
        junction.map((output) => [output, leaf(9)]),
      ),
    ),
  );
  const somePlan = fc.record({
    branches: someBranches,
    decoder: fc.option(somewhere(step('decoder', 'flip')), { nil: undefined }),
    validate: fc.constant(true),
    keepContexts: fc.boolean(),
  });
  const plans = fc
    .sample(somePlan, { numRuns: 60, seed: 11 })
    .map((rest, index): Plan => ({ ...rest, id: `plan ${index}`, signal: 'logs' }));

  const body = fc.string({ unit: fc.constantFrom('a', 'b', 'x', 'y', 'z'), maxLength: 5 });
  const part = fc.record({
    bodies: fc.array(body, { maxLength: 8 }),
    address: fc.constantFrom('10.0.0.1', '10.0.0.2', undefined),
    isBroken: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  });

  /** What each leaf got, in no order: records, or lines. */
  function received({ leaves }: Seen, plan: Plan): string[] {
    const isEncoded = new Set<number>();
    const visit = ({ outputs }: Branch) => {
      for (const output of outputs) {
        if (output.to === 'junction') output.branches.forEach(visit);
        else if (output.encoder !== undefined) isEncoded.add(output.leaf);
      }
    };
    plan.branches.forEach(visit);
    return leaves
      .flatMap(({ leaf, context, chunks }) => {
        const sender = plan.keepContexts ? context?.address : undefined;
        const texts = isEncoded.has(leaf)
          ? chunks.flatMap((chunk) => linesOrBodies(chunk))
          : bodiesOf(chunks).map((text) => JSON.stringify(text));
        return texts.map((text) => `${leaf} ${sender ?? '-'} ${text}`);
      })
      .sort();
  }

  /** Two outputs may have the same leaf, one with an encoder and one without. */
  function linesOrBodies(chunk: Uint8Array): string[] {
    if (chunk[0] === 0x0a) return bodiesOf([chunk]).map((text) => JSON.stringify(text));
    return Buffer.from(chunk)
      .toString()
      .split('\n')
      .map((line) => JSON.stringify((JSON.parse(line) as unknown[])[0]));
  }

  it.each([0, 1])('with %i threads in the pool', async (threads) => {
    const whole = await fixtureOf(0, [], ...plans);
    const cut = await fixtureOf(threads, [isolated('one', ONE), isolated('two', TWO)], ...plans);
    const met = { leaves: 0, failed: 0, retryable: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.nat(plans.length - 1),
        fc.array(part, { minLength: 1, maxLength: 4 }),
        async (index, parts) => {
          const plan = plans[index];
          const run = async (fixture: Fixture): Promise<Seen> => {
            const given = parts.map(({ bodies, address, isBroken }) => {
              const bytes = isBroken ? Uint8Array.of(0xff) : logs(bodies);
              return fixture.part(plan.decoder === undefined ? bytes : bytes.map((byte) => byte ^ 0x55), {
                context: address === undefined ? undefined : { address },
              });
            });
            return fixture.seen(await fixture.grind(given, plan.id));
          };
          const [here, there] = [await run(whole), await run(cut)];
          const outcomes = ({ parts }: Seen) =>
            parts.map(({ items, failedItems, error }) => ({ items, failedItems, retryable: error?.retryable }));
          const isOneWay = plan.branches.length === 1 && plan.branches[0].outputs.every(({ to }) => to === 'leaf');
          const didFail = here.parts.some(({ error }) => error !== undefined);
          if (isOneWay || !didFail) {
            expect(outcomes(there)).toEqual(outcomes(here));
            expect(received(there, plan)).toEqual(received(here, plan));
          } else {
            // What one branch fails on may still get through another one; nothing else differs.
            expect(there.parts.map(({ items, error }) => [items, error?.retryable])).toEqual(
              here.parts.map(({ items, error }) => [items, error?.retryable]),
            );
            expect(received(there, plan)).toEqual(expect.arrayContaining(received(here, plan)));
          }
          met.leaves += there.leaves.length;
          met.failed += there.parts.filter(({ error }) => error?.retryable === false).length;
          met.retryable += there.parts.filter(({ error }) => error?.retryable === true).length;
        },
      ),
      { numRuns: 120, seed: 3 },
    );
    expect(met.leaves).toBeGreaterThan(60);
    expect(met.failed).toBeGreaterThan(10);
    expect(met.retryable).toBeGreaterThan(5);
  });

  it('shows each point of the whole plan once, under its own name', async () => {
    const cut = await fixtureOf(1, [isolated('one', ONE), isolated('two', TWO)], ...plans);
    for (const plan of plans) {
      const seen = new Map<string, number>();
      const options = { plan: plan.id, sampleEvery: 1, bytesMax: 10_000, bytesPerSecondMax: Infinity };
      const end = cut.mill.observe(options, ({ point, plan: id }: Capture) => {
        expect(id).toBe(plan.id);
        seen.set(point.key, (seen.get(point.key) ?? 0) + 1);
      });
      const bytes = logs(['a', 'c']);
      await cut.run([plan.decoder === undefined ? bytes : bytes.map((byte) => byte ^ 0x55)], plan.id);
      end();
      expect([...seen.keys()].sort()).toEqual([...new Set(observationPoints(plan).map(({ key }) => key))].sort());
    }
    expect(() =>
      cut.mill.observe(
        { plan: 'plan 0', points: ['step:99'], sampleEvery: 1, bytesMax: 1, bytesPerSecondMax: 1 },
        () => undefined,
      ),
    ).toThrow(RangeError);
  });
});

describe('a plugin that ends its worker', () => {
  const killing = (module: string) =>
    plan([branch([transform('tag', { key: 'k', value: 'v' }), at(module, transform('exit', { marker: 'x' }))])], {
      id: 'bad',
    });
  const good = plan([branch([transform('tag', { key: 'k', value: 'v' })])], { id: 'good' });

  it('loses the record that it dies over, and nothing else; the pool never notices', async () => {
    const fixture = await fixtureOf(1, [isolated('./bad.ts', ONE)], killing(ONE), good);
    const [bad, beside] = await Promise.all([
      fixture.run([logs(['a', 'x', 'b']), logs(['c']), logs(['d', 'x'])], 'bad'),
      fixture.run([logs(['g'])], 'good'),
    ]);
    expect(bodiesOf(chunksOf(bad)).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(bad.parts.map(({ items, failedItems, error }) => [items, failedItems, error?.code])).toEqual([
      [3, 1, 'WORKER_KILLED'],
      [1, 0, undefined],
      [2, 1, 'WORKER_KILLED'],
    ]);
    expect(bad.parts[0].error?.message).toBe('processor "exit/test" ended its worker: it exited with code 3');
    expect(bodiesOf(chunksOf(beside))).toEqual(['g']);
    const { plugins, workersLost } = fixture.mill.stats;
    expect(plugins).toMatchObject([{ plugin: './bad.ts', workersLost, heapBytesMax: 48 * 1024 * 1024 }]);
    expect(plugins[0].heapBytes).toBeGreaterThan(1_000_000);
    const deaths = fixture.logger.lines.filter(({ message }) => message === 'a worker died');
    expect(deaths.map(({ fields }) => fields?.['plugin'])).toEqual(deaths.map(() => './bad.ts'));
  });

  it('has its heap limit and its deadline, which are not those of the pool', async () => {
    const hog = plan([branch([at(ONE, transform('hog', { marker: 'x' }))])], { id: 'hog' });
    const spin = plan([branch([at(TWO, transform('spin', { marker: 'x' }))])], { id: 'spin' });
    const plugins = [isolated('hog', ONE, { heapMb: 32 }), isolated('spin', TWO, { deadlineMs: 150 })];
    const fixture = await fixtureOf(1, plugins, hog, spin);
    const [hogged, spun] = [
      await fixture.run([logs(['x', 'a'])], 'hog'),
      await fixture.run([logs(['x', 'a'])], 'spin'),
    ];
    expect(hogged.parts[0].error?.message).toContain('it needed more than 32 MiB of heap');
    expect(spun.parts[0].error?.message).toContain('it was still running after 150 ms');
    for (const seen of [hogged, spun]) expect(bodiesOf(chunksOf(seen))).toEqual(['a']);
  });

  it('is named once when it does so again and again', async () => {
    const fixture = await fixtureOf(1, [isolated('./bad.ts', ONE)], killing(ONE));
    for (let round = 0; round < 3; round++) await fixture.run([logs(['x'])], 'bad');
    const named = fixture.logger.lines.filter(({ message }) => message.includes('again and again'));
    expect(named).toHaveLength(1);
    expect(named[0]).toMatchObject({ level: 'error', fields: { plugin: './bad.ts' } });
  });

  it('tells where killers were, so that a dead letter keeps them alone, if nothing came before it', async () => {
    const first = plan([branch([at(ONE, transform('exit', { marker: 'x' }))])], { id: 'first' });
    const fixture = await fixtureOf(0, [isolated('./bad.ts', ONE)], first, killing(ONE));
    const killersOf = async (planId: string) => {
      const result = await fixture.grind([fixture.part(logs(['a', 'x', 'b', 'x']))], planId);
      for (const { regions } of result.leaves) for (const region of regions) region.release();
      return result.parts[0].killers;
    };
    expect(await killersOf('first')).toEqual([
      { from: 1, to: 2 },
      { from: 3, to: 4 },
    ]);
    expect(await killersOf('bad')).toBeUndefined();
  });

  it('cannot start: the start fails and names it', async () => {
    const failing = plan([branch([at(ONE, transform('uncreatable'))])], { id: 'failing' });
    const fixture = new Fixture(0, { isolated: [isolated('./bad.ts', ONE)], shared: true });
    fixtures.push(fixture);
    await expect(fixture.start(failing)).rejects.toThrow(/processor "uncreatable\/test"/);
  });
});

it('jobs of an isolated exporter run on its worker', async () => {
  const fixture = await fixtureOf(0, [isolated('./out.ts', ONE)]);
  const job = (name: string) => ({ module: ONE, type: 'lines', job: name });
  expect(await fixture.mill.run(job('reverse'), Uint8Array.of(1, 2), {})).toEqual(Uint8Array.of(2, 1));
  await expect(fixture.mill.run(job('die'), Uint8Array.of(1), {})).rejects.toThrow(/ended its worker twice/);
});
