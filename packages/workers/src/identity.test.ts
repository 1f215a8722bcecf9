import { hash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { branch, Fixture, leaf, step, transform } from './testing/fixture.ts';
import type { Seen } from './testing/fixture.ts';
import { logs } from './testing/logs.ts';
import type { Branch, Output, Plan, StepSpec } from './plan.ts';

// The promise of the design: what the mill puts out is the same, byte for byte, with workers and without.

const steps: readonly StepSpec[] = [
  transform('tag', { key: 'env', value: 'prod' }),
  transform('tag', { key: 'long', value: 'v'.repeat(300) }),
  transform('drop', { marker: 'b' }),
  transform('explode', { marker: 'xx' }),
  transform('refuse', { marker: 'yy' }),
  transform('busy', { marker: 'zz' }),
  transform('count', { marker: 'a' }),
  transform('sender'),
];

const encoders: readonly StepSpec[] = [step('encoder', 'lines'), step('encoder', 'lines', { plain: true })];

const output: fc.Arbitrary<Output> = fc.record({
  to: fc.constant('leaf' as const),
  leaf: fc.nat(3),
  encoder: fc.option(fc.constantFrom(...encoders), { nil: undefined }),
  contiguous: fc.boolean(),
});

const branches = (pipeline: fc.Arbitrary<string>): fc.Arbitrary<Branch> =>
  fc.record({
    pipeline,
    signal: fc.constant('logs' as const),
    transforms: fc.array(fc.constantFrom(...steps), { maxLength: 3 }),
    outputs: fc.array(output, { minLength: 1, maxLength: 3 }),
  });

const junction: fc.Arbitrary<Output> = fc.record({
  to: fc.constant('junction' as const),
  junction: fc.constant(step('junction', 'route', { marker: 'a', to: ['logs/a'] })),
  branches: fc.tuple(branches(fc.constant('logs/a')), branches(fc.constant('logs/b'))),
});

const somePlan = fc.record({
  branches: fc.array(branches(fc.constant('logs/main')), { minLength: 1, maxLength: 2 }),
  behind: fc.option(junction, { nil: undefined }),
  decoder: fc.constantFrom(undefined, step('decoder', 'flip')),
  validate: fc.constant(true),
  keepContexts: fc.boolean(),
});

const PLANS = 40;
const plans: Plan[] = fc.sample(somePlan, { numRuns: PLANS, seed: 7 }).map(({ branches, behind, ...rest }, index) => ({
  ...rest,
  id: `plan ${index}`,
  signal: 'logs',
  branches: behind === undefined ? branches : [...branches, branch([], [behind, leaf(9)], 'logs/hub')],
}));

const body = fc.string({ unit: fc.constantFrom('a', 'b', 'x', 'y', 'z', 'é'), maxLength: 6 });
const large = fc.nat(400).map((length) => 'w'.repeat(length * 100));
const part = fc.record({
  bodies: fc.array(fc.oneof({ weight: 8, arbitrary: body }, { weight: 1, arbitrary: large }), { maxLength: 12 }),
  address: fc.constantFrom('10.0.0.1', '10.0.0.2', undefined),
  cutOff: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(9) }),
});

let inline: Fixture;
let pool: Fixture;

beforeAll(async () => {
  inline = await new Fixture(0).start(...plans);
  pool = await new Fixture(2).start(...plans);
});

afterAll(async () => {
  for (const fixture of [inline, pool]) {
    await fixture.mill.shutdown();
    expect(fixture.arena.leaks()).toEqual([]);
    expect(fixture.arena.bytesInFlight).toBe(0);
  }
});

describe('inline and pool', () => {
  it('put out the same bytes, outcomes and counts for any input and any plan', async () => {
    const met = { leaves: 0, failedItems: 0, errors: new Set<string | undefined>() };
    await fc.assert(
      fc.asyncProperty(fc.nat(PLANS - 1), fc.array(part, { minLength: 1, maxLength: 5 }), async (index, parts) => {
        const { id, decoder } = plans[index];
        const run = async (fixture: Fixture): Promise<Seen> => {
          const given = parts.map(({ bodies, address, cutOff }) => {
            const whole = logs(bodies);
            const bytes = whole.subarray(0, whole.length - Math.min(cutOff, whole.length));
            return fixture.part(decoder === undefined ? bytes : bytes.map((byte) => byte ^ 0x55), {
              context: address === undefined ? undefined : { address },
            });
          });
          return fixture.seen(await fixture.grind(given, id));
        };
        const [here, there] = await Promise.all([run(inline), run(pool)]);
        expect(there).toEqual(here);
        met.leaves += here.leaves.length;
        for (const { failedItems, error } of here.parts) {
          met.failedItems += failedItems;
          met.errors.add(error?.code);
        }
      }),
      { numRuns: 150 },
    );
    // The random plans did meet everything that matters.
    expect(met.leaves).toBeGreaterThan(100);
    expect(met.failedItems).toBeGreaterThan(20);
    expect([...met.errors]).toEqual(expect.arrayContaining([undefined, 'STEP_FAILED', 'REFUSED', 'BUSY']));
  });

  it('part what they merge at the same places', async () => {
    const parts = [300, 700, 30, 1100, 1, 1, 1023, 2].map((kib) => logs([`a${'h'.repeat(kib * 1024)}`, 'b']));
    for (const plan of plans.filter(({ decoder }) => decoder === undefined).slice(0, 6)) {
      const [here, there] = await Promise.all([inline, pool].map((fixture) => digest(fixture, parts, plan.id)));
      expect(there).toEqual(here);
    }
  });
});

/** What comes out, with hashes for chunks. */
async function digest(fixture: Fixture, payloads: readonly Uint8Array[], planId: string) {
  const { leaves, ...rest } = await fixture.run(payloads, planId);
  const hashed = leaves.map(({ chunks, ...leaf }) => ({ ...leaf, chunks: chunks.map((chunk) => hash('sha1', chunk)) }));
  return { ...rest, leaves: hashed };
}
