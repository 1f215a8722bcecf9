import { expect, test } from 'vitest';
import { evaluate } from '../../testing/evaluate.ts';

/* What the Collector (pkg/ottl 0.150) gives for the same. */
test.each<[code: string, result: unknown]>([
  ['Log(2.718281828459045)', 1],
  ['Log(1)', 0],
  ['Log("10")', Math.LN10],
  ['Log(true)', 0],
])('%s is %o', (code, result) => {
  expect(evaluate(code)).toBe(result);
});

test.each(['Log(false)', 'Log(0)', 'Log(-1)', 'Log("x")', 'Log(attributes["missing"])', 'Log(attributes["list"])'])(
  '%s fails',
  (code) => {
    expect(() => evaluate(code)).toThrow(expect.objectContaining({ name: expect.stringMatching(/^Ottl/) as string }));
  },
);
