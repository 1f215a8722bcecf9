import { expect, test } from 'vitest';
import { withoutMemcachedValues } from './memcached-values.ts';

test.each([
  ['set k 0 0 5\r\nhello\r\n', 'set k 0 0 5'],
  ['get k', 'get k'],
  ['  get k \r\n', 'get k'],
  ['', ''],
])('%j becomes %j', (command, line) => {
  expect(withoutMemcachedValues(command)).toBe(line);
});
