import { expect, it } from 'vitest';
import { ManualClock } from '../testing/clocks.ts';
import { ClosedStreams } from './closed-streams.ts';
import { ReceiveWindow, SendWindow, WINDOW_BYTES_MAX } from './flow-control.ts';
import { FrameBudget } from './frame-budget.ts';

it('a receive window is refilled when half of it is gone, and no byte above it is taken', () => {
  const window = new ReceiveWindow(100);
  expect([window.take(49), window.refill()]).toEqual([true, 0]);
  expect([window.take(1), window.refill()]).toEqual([true, 50]);
  expect([window.take(100), window.take(1)]).toEqual([true, false]);
});

it('a send window may not grow above its bounds', () => {
  const window = new SendWindow(-10);
  expect([window.grow(WINDOW_BYTES_MAX), window.grow(10), window.grow(1)]).toEqual([true, true, false]);
});

it('a budget allows a burst, then its rate, and more to who does useful work', () => {
  const clock = new ManualClock();
  const budget = new FrameBudget(clock, { burst: 3, perSecond: 2 });
  const spend = (count: number): boolean[] => Array.from({ length: count }, () => budget.spend());
  expect(spend(4)).toEqual([true, true, true, false]);
  clock.advance(1500);
  expect(spend(3)).toEqual([true, true, false]);
  budget.earn(100);
  expect(spend(4)).toEqual([true, true, true, false]);
});

it('closed streams are remembered by how they ended, the oldest forgotten', () => {
  const closed = new ClosedStreams();
  expect([closed.wasReset(1), closed.hasEnded(1)]).toEqual([false, false]);
  closed.addReset(1);
  closed.addEnded(3);
  expect([closed.wasReset(1), closed.hasEnded(1), closed.wasReset(3), closed.hasEnded(3)]).toEqual([
    true,
    false,
    false,
    true,
  ]);
  for (let id = 5; id < 2053; id += 2) closed.addReset(id);
  expect([closed.wasReset(1), closed.wasReset(5)]).toEqual([false, true]);
});
