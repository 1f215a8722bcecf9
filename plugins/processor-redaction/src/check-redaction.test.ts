import { expect, test } from 'vitest';
import { collectorWith } from './testing/redact.ts';

test.each([
  [{ blocked_values: ['a', '('] }, 'blocked_values[1]', 'RE2 syntax'],
  [{ allowed_values: ['(?=a)'] }, 'allowed_values[0]', 'RE2 syntax'],
  [{ blocked_key_patterns: ['['] }, 'blocked_key_patterns[0]', 'RE2 syntax'],
  [{ ignored_key_patterns: ['a**'] }, 'ignored_key_patterns[0]', 'RE2 syntax'],
  [{ hash_function: 'sha256' }, 'hash_function', 'md5, sha1, sha3, hmac-sha256, hmac-sha512'],
  [{ hash_function: 'hmac-sha256' }, 'hmac_key', 'needs a key'],
  [{ hash_function: 'hmac-sha256', hmac_key: 'é'.repeat(15) }, 'hmac_key', 'has 30 bytes; hmac-sha256 needs 32'],
  [{ hash_function: 'HMAC-SHA512', hmac_key: 'x'.repeat(63) }, 'hmac_key', 'needs 64'],
  [{ db_sanitizer: { cassandra: { enabled: true } } }, 'cassandra', 'db_sanitizer'],
  [{ summary: 'verbose' }, 'summary', 'silent'],
])('refuses %j at %s', async (settings, place, problem) => {
  const error: unknown = await collectorWith(settings).catch((reason: unknown) => reason);
  expect(String(error)).toContain(place);
  expect(String(error)).toContain(problem);
});
