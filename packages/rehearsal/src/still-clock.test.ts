import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { START_MS, StillClock } from './still-clock.ts';

test('timers fire at their time and in their order, also those that others set', async () => {
  const clock = new StillClock();
  const fired: [string, number][] = [];
  const note = (name: string) => () => void fired.push([name, clock.now() - START_MS]);
  clock.after(20, note('late'));
  clock.after(10, note('first'));
  clock.after(10, () => {
    note('second')();
    clock.after(5, note('third'));
  });
  const cancel = clock.after(12, note('cancelled'));
  cancel();
  await clock.advance(19);
  expect(fired).toEqual([
    ['first', 10],
    ['second', 10],
    ['third', 15],
  ]);
  expect([clock.monotonic(), clock.nextDueMs]).toEqual([19, 20]);
});

test('what runs without time passing has run: promises, immediates, reads of files', async () => {
  const clock = new StillClock();
  const done: string[] = [];
  const work = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => void setImmediate(resolve));
    await readFile(import.meta.filename);
    done.push('read');
  };
  const running = work();
  await clock.settle();
  expect(done).toEqual(['read']);
  await running;
});

test('timers without an end are an error, not a test without one', async () => {
  const clock = new StillClock();
  const again = () => void clock.after(0, again);
  again();
  clock.settle = () => Promise.resolve();
  await expect(clock.advance(1)).rejects.toThrow('they do not end');
});
