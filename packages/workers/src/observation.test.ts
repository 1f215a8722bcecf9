import { afterEach, describe, expect, it } from 'vitest';
import { observationPoints } from './observation-point.ts';
import { PlanObservers } from './plan-observers.ts';
import type { Capture, ObserveOptions } from './plan-observers.ts';
import { stepsOf } from './steps.ts';
import { branch, chunksOf, Fixture, leaf, plan, step, transform } from './testing/fixture.ts';
import { attributesOf, bodiesOf, logs } from './testing/logs.ts';

let fixture: Fixture;

afterEach(async () => {
  await fixture.mill.shutdown();
  expect(fixture.arena.leaks()).toEqual([]);
});

const tag = transform('tag', { key: 'env', value: 'prod' });
const drop = transform('drop', { marker: 'x' });
const everything: ObserveOptions = { plan: 'plan', sampleEvery: 1, bytesMax: 65_536, bytesPerSecondMax: Infinity };

/** Where, with what before and after. */
function told({ point, before, after }: Capture): readonly [string, string[], ...string[][]] {
  return [point.key, bodiesOf(before.chunks), ...after.map(({ chunks }) => bodiesOf(chunks))];
}

const hub = plan(
  [
    branch(
      [tag],
      [
        { to: 'leaf', leaf: 0, encoder: step('encoder', 'lines'), contiguous: true },
        {
          to: 'junction',
          junction: step('junction', 'route', { marker: 'a', to: ['logs/a'] }),
          branches: [branch([drop], [leaf(1)], 'logs/a'), branch([], [leaf(2)], 'logs/b')],
        },
      ],
    ),
  ],
  { decoder: step('decoder', 'flip') },
);
const flipped = (bodies: readonly string[]) => logs(bodies).map((byte) => byte ^ 0x55);

it('the points of a plan are named as its steps are numbered', () => {
  fixture = new Fixture(0);
  const points = observationPoints(hub);
  expect(points.map(({ key, place, pipeline, component }) => [key, place, pipeline, component])).toEqual([
    ['branch:0', 'branch', 'logs', undefined],
    ['step:1', 'transform', 'logs', 'tag/test'],
    ['leaf:0', 'leaf', 'logs', 'lines/test'],
    ['step:3', 'junction', 'logs', 'route/test'],
    ['branch:1', 'branch', 'logs/a', undefined],
    ['step:4', 'transform', 'logs/a', 'drop/test'],
    ['leaf:1', 'leaf', 'logs/a', undefined],
    ['branch:2', 'branch', 'logs/b', undefined],
    ['leaf:2', 'leaf', 'logs/b', undefined],
  ]);
  const steps = stepsOf(hub);
  for (const { key, component } of points) {
    if (key.startsWith('step:')) expect(steps[Number(key.slice('step:'.length))].spec.id).toBe(component);
  }
});

describe.each([0, 1])('with %i workers', (threads) => {
  it('shows what comes to every point and what leaves it, before the result of the grind is there', async () => {
    fixture = await new Fixture(threads).start(hub);
    const captures: Capture[] = [];
    fixture.mill.observe(everything, (capture) => captures.push(capture));
    const seen = await fixture.run([flipped(['a', 'ax', 'b'])]);
    expect(captures.map(told)).toEqual([
      ['branch:0', ['a', 'ax', 'b']],
      ['step:1', ['a', 'ax', 'b'], ['a', 'ax', 'b']],
      ['leaf:0', ['a', 'ax', 'b']],
      ['step:3', ['a', 'ax', 'b'], ['a', 'ax', 'b'], ['a', 'ax']],
      ['branch:2', ['a', 'ax', 'b']],
      ['leaf:2', ['a', 'ax', 'b']],
      ['branch:1', ['a', 'ax']],
      ['step:4', ['a', 'ax'], ['a']],
      ['leaf:1', ['a']],
    ]);
    const [, tagged, , routed] = captures;
    expect(attributesOf(tagged.before.chunks, 'env')).toEqual([undefined, undefined, undefined]);
    expect(attributesOf(tagged.after[0].chunks, 'env')).toEqual(['prod', 'prod', 'prod']);
    expect(routed.after.map(({ pipeline }) => pipeline)).toEqual(['logs/b', 'logs/a']);
    expect(new Set(captures.map(({ run }) => run)).size).toBe(1);
    expect(bodiesOf(chunksOf(seen, 1))).toEqual(['a']);
  });

  it('changes nothing of what the mill puts out', async () => {
    fixture = await new Fixture(threads).start(hub);
    const payload = flipped(['a', 'ax', 'b', 'y'.repeat(5_000)]);
    const before = await fixture.run([payload, payload]);
    fixture.mill.observe(everything, () => undefined);
    expect(await fixture.run([payload, payload])).toEqual(before);
  });

  it('shows what was asked for, to each who asked, and nothing after the end', async () => {
    fixture = await new Fixture(threads).start(plan([branch([tag, drop])]));
    const first: Capture[] = [];
    const second: Capture[] = [];
    const stop = fixture.mill.observe({ ...everything, points: ['step:1'] }, (capture) => first.push(capture));
    fixture.mill.observe({ ...everything, points: ['leaf:0'] }, (capture) => second.push(capture));
    await fixture.run([logs(['a', 'x'])]);
    stop();
    stop();
    await fixture.run([logs(['b'])]);
    expect(first.map(told)).toEqual([['step:1', ['a', 'x'], ['a']]]);
    expect(second.map(told)).toEqual([
      ['leaf:0', ['a']],
      ['leaf:0', ['b']],
    ]);
    expect(second.map(({ run }) => run)).toEqual([0, 1]);
  });

  it('shows every n-th grind, and the first items of what is larger than the limit', async () => {
    fixture = await new Fixture(threads).start(plan([branch([tag])]));
    const captures: Capture[] = [];
    const options = { ...everything, points: ['step:0'], sampleEvery: 3, bytesMax: 400 };
    fixture.mill.observe(options, (capture) => captures.push(capture));
    const many = Array.from({ length: 40 }, (_, index) => `record ${index}`);
    for (let grind = 0; grind < 4; grind++) await fixture.run([logs([`grind ${grind}`]), logs(many)]);
    expect(captures.map(({ before }) => bodiesOf(before.chunks)[0])).toEqual(['grind 0', 'grind 3']);
    for (const sight of captures.flatMap(({ before, after }) => [before, ...after])) {
      expect(sight.itemsTotal).toBe(41);
      expect(sight.items).toBeGreaterThan(2);
      expect(bodiesOf(sight.chunks)).toHaveLength(sight.items);
      expect(bodiesOf(sight.chunks).slice(1)).toEqual(many.slice(0, sight.items - 1));
      expect(Buffer.concat(sight.chunks).length).toBeLessThanOrEqual(400);
    }
  });

  it('shows no item where the first one is beyond the limit', async () => {
    fixture = await new Fixture(threads).start(plan([branch([])]));
    const captures: Capture[] = [];
    fixture.mill.observe({ ...everything, bytesMax: 100 }, (capture) => captures.push(capture));
    await fixture.run([logs(['y'.repeat(1_000), 'small'])]);
    expect(captures[0].before).toMatchObject({ chunks: [], items: 0, itemsTotal: 2 });
  });

  it('tells what a failing step had taken back apart from what went on', async () => {
    fixture = await new Fixture(threads).start(plan([branch([tag, transform('explode', { marker: 'bad' })])]));
    const captures: Capture[] = [];
    fixture.mill.observe({ ...everything, points: ['step:0'] }, (capture) => captures.push(capture));
    await fixture.run([logs(['a', 'bad', 'b'])]);
    expect(captures.map((capture) => [capture.isDiscarded, capture.run, told(capture)[1]])).toEqual([
      [true, 0, ['a', 'bad', 'b']],
      [false, 1, ['a', 'b']],
    ]);
  });

  it('leaves out an observer that fails, and grinds on', async () => {
    fixture = await new Fixture(threads).start(plan([branch([])]));
    let calls = 0;
    fixture.mill.observe(everything, () => {
      calls++;
      throw new Error('no more');
    });
    for (let grind = 0; grind < 2; grind++) expect(bodiesOf(chunksOf(await fixture.run([logs(['a'])])))).toEqual(['a']);
    expect(calls).toBe(1);
    expect(fixture.logger.lines).toMatchObject([{ message: 'an observer failed and is left out' }]);
  });

  it('refuses points that a plan does not have', async () => {
    fixture = await new Fixture(threads).start(plan([branch([])]));
    expect(() => fixture.mill.observe({ ...everything, points: ['step:9'] }, () => undefined)).toThrow(/step:9/);
  });
});

it('skips grinds rather than copy more bytes a second than allowed, and says how many', () => {
  fixture = new Fixture(0);
  let nowMs = 0;
  const observers = new PlanObservers(plan([branch([])]), fixture.logger, () => nowMs);
  const captures: Capture[] = [];
  observers.add({ ...everything, bytesPerSecondMax: 100 }, (capture) => captures.push(capture));
  const before = { pipeline: 'logs', signal: 'logs', chunks: [new Uint8Array(300)], items: 1, itemsTotal: 1 } as const;
  const grind = () => {
    observers.order()?.deliver([{ key: 'leaf:0', run: 0, before, after: [], isDiscarded: false }]);
    nowMs += 500;
  };
  for (let count = 0; count < 12; count++) grind();
  // 100 bytes are there at first, 300 are taken, 50 come with each grind.
  expect(captures.map(({ skipped }) => skipped)).toEqual([0, 4, 5]);
});

it('goes on with the worker that takes the place of a dead one', async () => {
  fixture = await new Fixture(1).start(plan([branch([transform('exit', { marker: 'killer' })])]));
  const captures: Capture[] = [];
  fixture.mill.observe({ ...everything, points: ['leaf:0'] }, (capture) => captures.push(capture));
  await fixture.run([logs(['a', 'killer', 'b'])]);
  await fixture.run([logs(['c'])]);
  expect(captures.map(told)).toEqual([
    ['leaf:0', ['a', 'b']],
    ['leaf:0', ['c']],
  ]);
});
