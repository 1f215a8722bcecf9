import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  // What Go's time.ParseDuration accepts and refuses.
  test.each<[string, number]>([
    ['0', 0],
    ['+0', 0],
    ['-0', -0],
    ['0s', 0],
    ['5s', 5000],
    ['30s', 30_000],
    ['1478s', 1_478_000],
    ['-5s', -5000],
    ['+5s', 5000],
    ['5.0s', 5000],
    ['5.6s', 5600],
    ['5.s', 5000],
    ['.5s', 500],
    ['1.004s', 1004],
    ['10ns', 1e-5],
    ['11us', 0.011],
    ['12µs', 0.012],
    ['12μs', 0.012],
    ['13ms', 13],
    ['15m', 900_000],
    ['16h', 57_600_000],
    ['3h30m', 12_600_000],
    ['10.5s4m', 250_500],
    ['1h2m3s4ms5us6ns', 3_723_004.005006],
    ['39h9m14.425s', 140_954_425],
  ])('%j is %j ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBeCloseTo(milliseconds, 6);
  });

  test.each(['', '3', '-', 's', '.', '-.', '.s', '+.s', '1d', '5 s', ' 5s', '5S', '1e3s', '3000000h', '1h30'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  test('reads back what formatDuration writes', () => {
    const nanoseconds = fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 10 ** 15 }));
    fc.assert(
      fc.property(nanoseconds, fc.boolean(), (count, negative) => {
        const milliseconds = ((negative ? -1 : 1) * count) / 1e6;
        expect(parseDuration(formatDuration(milliseconds))).toBeCloseTo(milliseconds, 5);
      }),
    );
  });

  test('adds up parts in any order, as Go documents', () => {
    const units = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
    const part = fc.tuple(
      fc.integer({ min: 0, max: 9999 }),
      fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const total = parts.reduce((sum, [count, unit]) => sum + count * units[unit], 0);
        expect(parseDuration(parts.map(([count, unit]) => `${count}${unit}`).join(''))).toBeCloseTo(total, 3);
      }),
    );
  });
});

test.each<[number, string]>([
  [0, '0s'],
  [200, '200ms'],
  [1500, '1.5s'],
  [5_400_000, '1h30m'],
  [3_600_000, '1h'],
  [61_001, '1m1.001s'],
  [0.1, '100us'],
  [1e-6, '1ns'],
  [-1000, '-1s'],
])('%d ms is written %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
