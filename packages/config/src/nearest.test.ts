import { expect, test } from 'vitest';
import { didYouMeanOf, nearest } from './nearest.ts';

const WORDS = ['batch', 'memory_limiter', 'otlp', 'otlp_http', 'receivers', 'processors'];

test.each<[string, string | undefined]>([
  ['bacth', 'batch'],
  ['Batch', 'batch'],
  ['memory-limiter', 'memory_limiter'],
  ['memorylimiter', 'memory_limiter'],
  ['otpl', 'otlp'],
  ['otlphttp', 'otlp_http'],
  ['receiver', 'receivers'],
  ['proc', 'processors'],
  ['kafka', undefined],
  ['x', undefined],
  ['', undefined],
])('%j is near to %j', (word, expected) => {
  expect(nearest(word, WORDS)).toBe(expected);
});

test('nobody is asked whether they meant nothing', () => {
  expect(nearest('zst4567', ['', 'gzip'])).toBeUndefined();
  expect(nearest('', ['', 'a'])).toBeUndefined();
});

test('lists what there is when nothing is near', () => {
  expect(didYouMeanOf('kafka', ['otlp', 'demo'], 'known receivers')).toBe('known receivers: demo, otlp');
  expect(didYouMeanOf('kafka', [], 'known receivers')).toBe('there are no known receivers');
  const many = Array.from({ length: 15 }, (_, index) => `word${String(index).padStart(2, '0')}`);
  expect(didYouMeanOf('kafka', many, 'words')).toMatch(/word11, and 3 more$/);
});
