import { expect, test } from 'vitest';
import { looksMadeUp } from './letter-pairs.ts';

test.each([
  'users',
  'Orders',
  'checkout',
  'k6-test-runs',
  'getUserProfile',
  'utilisateurs',
  'a',
  '',
  'v1',
  'index.html',
])('%j is a word', (word) => {
  expect(looksMadeUp(word)).toBe(false);
});

test.each(['fdklsd', 'ljgdflgjf', 'qwxzv', 'zxcvwerjasc', 'xkcdqj'])('%j is made up', (word) => {
  expect(looksMadeUp(word)).toBe(true);
});
