import { expect, test } from 'vitest';
import { parseRate, Schedule } from './schedule.ts';

test('requests are due at even times, for as long as the load lasts', () => {
  const schedule = new Schedule({ rate: 1_000, batch: 100, total: Infinity, durationMs: 1_000 });
  expect([0, 1, 9].map((number) => schedule.dueMs(number))).toEqual([0, 100, 900]);
  expect([9, 10].map((number) => schedule.itemsOf(number))).toEqual([100, 0]);
  expect(schedule.items).toBe(1_000);
});

test('the last request of a total has what is left', () => {
  const schedule = new Schedule({ rate: Infinity, batch: 100, total: 250, durationMs: Infinity });
  expect([0, 1, 2, 3].map((number) => schedule.itemsOf(number))).toEqual([100, 100, 50, 0]);
  expect(schedule.isOpen).toBe(false);
  expect(schedule.items).toBe(250);
});

test.each([
  ['1000', 1_000],
  ['2.5/s', 2.5],
  ['unlimited', Infinity],
])('%s is a rate', (text, rate) => expect(parseRate(text)).toBe(rate));

test.each(['', '0', '-1/s', '10/m', 'fast'])('"%s" is none', (text) => {
  expect(() => parseRate(text)).toThrow('no number of items per second');
});
