import { expect, it } from 'vitest';
import { RestartPause } from './restart-pause.ts';

it('a few ends cost nothing, many ever more, up to a limit; and they are forgotten', () => {
  let nowMs = 0;
  const pause = new RestartPause({ monotonic: () => nowMs });
  const pauses = Array.from({ length: 12 }, () => {
    pause.note();
    return pause.cells[0];
  });
  expect(pauses).toEqual([0, 0, 0, 0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(pause.isPausing).toBe(true);
  nowMs = 60_000;
  expect(pause.note()).toBe(1);
  expect(pause.cells[0]).toBe(0);
  expect(pause.isPausing).toBe(false);
});
