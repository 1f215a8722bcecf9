import { expect, it } from 'vitest';
import { fixed, shortest, timeText } from './go-format.ts';

it('numbers with six decimals are as Go prints %f', () => {
  const cases: [number, string][] = [
    [0, '0.000000'],
    [-0, '-0.000000'],
    [1.23, '1.230000'],
    [1e21, '1000000000000000000000.000000'],
    [1e-9, '0.000000'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ];
  for (const [value, text] of cases) expect(fixed(value)).toBe(text);
});

it('shortest numbers are as Go prints %v', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [15, '15'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-7, '1.5e-07'],
    [123456789012345680000, '123456789012345680000'],
    [1e21, '1e+21'],
    [-2.5e100, '-2.5e+100'],
    [Number.NaN, 'NaN'],
  ];
  for (const [value, text] of cases) expect(shortest(value)).toBe(text);
});

it('times have as many digits as they need', () => {
  expect(timeText(0n)).toBe('1970-01-01 00:00:00 +0000 UTC');
  expect(timeText(1581452772000000321n)).toBe('2020-02-11 20:26:12.000000321 +0000 UTC');
  expect(timeText(1581452772120000000n)).toBe('2020-02-11 20:26:12.12 +0000 UTC');
  expect(timeText(2n ** 64n - 1n)).toBe('2554-07-21 23:34:33.709551615 +0000 UTC');
});
