import { expect, test } from 'vitest';
import { CrashScenario } from './testing/crash-scenario.ts';

const SEEDS = Number(process.env['STORAGE_SEEDS'] ?? 50);
const FIRST_SEED = Number(process.env['STORAGE_SEED'] ?? 1);

for (const encrypted of [false, true]) {
  for (const errors of [false, true]) {
    const what = `${encrypted ? 'encrypted, ' : ''}${errors ? 'with a disk that fails, ' : ''}`;
    test(`${what}whenever it crashes, nothing acknowledged is lost, altered, reordered or back from the dead`, async () => {
      const totals = { crashes: 0, recovered: 0, again: 0, refused: 0, compacted: 0 };
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
        const scenario = new CrashScenario({ seed, lives: 5, acts: 60, encrypted, errors });
        expect(await scenario.play(), `seed ${seed}`).toEqual([]);
        for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += scenario.seen[key];
      }
      // A scenario in which nothing happens proves nothing.
      expect(totals.crashes).toBe(SEEDS * 4);
      expect(totals.recovered).toBeGreaterThan(SEEDS);
      expect(totals.compacted).toBeGreaterThan(0);
      if (errors) expect(totals.refused).toBeGreaterThan(0);
    });
  }
}
