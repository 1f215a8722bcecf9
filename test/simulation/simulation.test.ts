import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { describeFailure } from './report.ts';
import { SABOTAGES } from './sabotage.ts';
import { drawScenario } from './scenario.ts';
import { simulate } from './simulation.ts';

const SEEDS = 200;
/** So many seeds must be enough to notice a deliberate bug. */
const SEEDS_TO_NOTICE = 200;

test(`whatever fails, ${SEEDS} collectors lose nothing that they acknowledged, alter nothing and hold nothing back`, async () => {
  const seen: Record<string, number> = {};
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = await simulate(drawScenario(seed));
    if (outcome.violations.length > 0) expect.fail(await describeFailure(seed, outcome));
    for (const [what, times] of Object.entries(outcome.seen)) seen[what] = (seen[what] ?? 0) + times;
  }
  // Scenarios in which nothing happens prove nothing.
  expect(seen).toMatchObject({
    crashes: expect.toSatisfy((times: number) => times > SEEDS) as number,
    stops: expect.toSatisfy((times: number) => times > SEEDS) as number,
    flips: expect.toSatisfy((times: number) => times > 0) as number,
    diskFaults: expect.toSatisfy((times: number) => times > 10) as number,
    buried: expect.toSatisfy((times: number) => times > 100) as number,
  });
}, 120_000);

test('a seed is a scenario to its last event', () => {
  // In processes of their own: what a test runner does at an import takes time of its own.
  const play = (seed: number) =>
    execFileSync(process.execPath, [path.join(import.meta.dirname, 'run.ts'), '--seed', String(seed)]).toString();
  for (const seed of [3, 14, 31]) {
    expect(play(seed)).toMatch(new RegExp(`^seed ${seed}: [0-9a-f]{16}, 0 violations`));
    expect(play(seed)).toBe(play(seed));
  }
}, 60_000);

test.each(SABOTAGES)(
  'a collector that $what is found out',
  async ({ sabotage, shows }) => {
    for (let seed = 1; seed <= SEEDS_TO_NOTICE; seed++) {
      const { violations } = await simulate(drawScenario(seed), sabotage);
      if (violations.some((violation) => shows.test(violation))) return;
    }
    expect.fail(`${SEEDS_TO_NOTICE} seeds did not show it`);
  },
  60_000,
);
