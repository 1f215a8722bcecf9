/** Killed at any moment: what was acknowledged arrives, and what was delivered does not come again and again. */
import { expect, test } from 'vitest';
import { type CrashReport, crashRun, type CrashRunOptions, LARGE } from './crash-run.ts';

const LIMIT_MS = 120_000;

function expectAllThere({ acknowledged, lost, lateDuplicates }: CrashReport, cycles: number): void {
  expect(lost).toEqual([]);
  expect(lateDuplicates).toEqual([]);
  expect(acknowledged).toBeGreaterThan(cycles * 5);
}

const VARIANTS: readonly (Partial<CrashRunOptions> & { readonly name: string; readonly cycles: number })[] = [
  { name: 'a queue', cycles: 5, duringStart: 0 },
  {
    name: 'a queue that merges',
    cycles: 3,
    queue: `${LARGE}, batch: { min_size: 50, max_size: 100, flush_timeout: 100ms }`,
  },
  { name: 'a queue with workers', cycles: 2, threads: 1, duringStart: 0 },
  { name: 'a queue that goes over to another exporter', cycles: 4, duringStart: 0, duringReload: true },
];

test.each(VARIANTS)(
  '$name: killed $cycles times under load, it loses nothing',
  async ({ cycles, ...variant }) => {
    expectAllThere(await crashRun({ seed: 20_261_121, cycles, ...variant }), cycles);
  },
  LIMIT_MS,
);

test(
  'killed while it starts, again and again, it keeps what it had',
  async () => {
    const report = await crashRun({ seed: 5, cycles: 5, duringStart: 0.7 });
    expect(report.killedDuringStart).toBeGreaterThan(0);
    expectAllThere(report, 1);
  },
  LIMIT_MS,
);

test(
  'with its disk full, it refuses instead of losing, also when it is killed then',
  async () => {
    const report = await crashRun({ seed: 7, cycles: 3, duringStart: 0, storage: 'max_size: 2MiB', bodyBytes: 20_000 });
    expect(report.refused).toBeGreaterThan(0);
    expectAllThere(report, 3);
  },
  LIMIT_MS,
);

test(
  'with its queue in memory it does lose data: these tests would see it',
  async () => {
    const { lost } = await crashRun({ seed: 3, cycles: 2, duringStart: 0, stored: false, patienceMs: 500 });
    expect(lost.length).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
