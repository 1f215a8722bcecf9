import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CpuShare } from './cpu-share.ts';

/** A clock that jumps to the next timer. */
class JumpingClock {
  nowMs = 0;
  monotonic = () => this.nowMs;
  after = (delayMs: number, callback: () => void) => {
    this.nowMs += delayMs;
    callback();
    return () => undefined;
  };
}

it('over any work, no more than the share of the time is used, but for the last piece and the burst', async () => {
  const work = fc.array(
    fc.record({ cpuMs: fc.integer({ min: 0, max: 500 }), idleMs: fc.integer({ min: 0, max: 50 }) }),
    { minLength: 1 },
  );
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0.01, max: 1, noNaN: true }), work, async (share, pieces) => {
      const clock = new JumpingClock();
      const held = new CpuShare(share, clock);
      let used = 0;
      for (const { cpuMs, idleMs } of pieces) {
        clock.nowMs += idleMs;
        await held.turn();
        expect(used).toBeLessThanOrEqual(clock.nowMs * share + 100 * share + 1e-6);
        clock.nowMs += cpuMs;
        used += cpuMs;
        held.spend(cpuMs);
      }
    }),
  );
});

it('short work after a pause is not held back', async () => {
  const clock = new JumpingClock();
  const held = new CpuShare(0.5, clock);
  for (let round = 0; round < 5; round++) {
    clock.nowMs += 1_000;
    await held.turn();
    held.spend(40);
  }
  expect(held.throttledMs).toBe(0);
  held.spend(200);
  await held.turn();
  expect(held.throttledMs).toBeGreaterThan(0);
});
