import { expect, test } from 'vitest';
import { hideSecrets } from './hide-secrets.ts';

test('secrets are taken out, also as JSON writes them; ones that are too short stay', () => {
  const hide = hideSecrets(['hunter22', 'with"quote', 'abc']);
  expect(hide('a hunter22 b hunter22')).toBe('a [REDACTED] b [REDACTED]');
  expect(hide(JSON.stringify({ token: 'with"quote' }))).toBe('{"token":"[REDACTED]"}');
  expect(hide('abc')).toBe('abc');
});

test('nothing is left of a secret that begins with another one', () => {
  expect(hideSecrets(['secret', 'secret-and-more'])('is secret-and-more')).toBe('is [REDACTED]');
});
