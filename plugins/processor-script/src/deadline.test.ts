import { expect, test } from 'vitest';
import { Deadline } from './deadline.ts';

function codeOf(work: () => void): unknown {
  try {
    work();
    return 'ended';
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
}

test('work that loops is stopped, whatever it catches', () => {
  const deadline = new Deadline(200);
  const loop = () => {
    for (;;) {
      try {
        for (;;);
      } catch {
        // Goes on.
      } finally {
        // Goes on, too.
      }
    }
  };
  // On a machine that is very busy, it is the other code.
  expect(codeOf(() => deadline.run(loop))).toMatch(/^SCRIPT_(?:DEADLINE|STARVED)$/);
  expect(codeOf(() => deadline.run(() => undefined))).toBe('ended');
});

test('work that waited for the processor is not at fault', () => {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const sleep = () => {
    for (let left = 100; left > 0; left--) Atomics.wait(sleeper, 0, 0, 10);
  };
  expect(codeOf(() => new Deadline(100).run(sleep))).toBe('SCRIPT_STARVED');
});

test('what the work throws comes through', () => {
  const thrown = new RangeError('mine');
  expect(() =>
    new Deadline(5_000).run(() => {
      throw thrown;
    }),
  ).toThrow(thrown);
  expect(() =>
    new Deadline(0).run(() => {
      throw thrown;
    }),
  ).toThrow(thrown);
});
