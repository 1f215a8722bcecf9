import { describe, expect, test } from 'vitest';
import { collectUrlSecrets, withoutUrlSecrets } from './secrets.ts';
import { configErrorsOf } from './testing/load-text.ts';

describe('URLs are shown without', () => {
  test.each([
    ['http://me:pw@h/x', 'http://me:[REDACTED]@h/x'],
    ['https://h/v1?api_key=abc&tenant=7', 'https://h/v1?api_key=[REDACTED]&tenant=7'],
    ['https://h/v1?tenant=7&X-Amz-Signature=abc#top', 'https://h/v1?tenant=7&X-Amz-Signature=[REDACTED]#top'],
    [
      'post to https://h?key=abc, then to http://a:b@h',
      'post to https://h?key=[REDACTED] then to http://a:[REDACTED]@h',
    ],
    ['https://h/v1?page=2&token=', 'https://h/v1?page=2&token='],
    ['a = b', 'a = b'],
  ])('%s', (text, shown) => {
    expect(withoutUrlSecrets(text)).toBe(shown);
  });
});

test('what is secret in URLs is known wherever it appears, unless it is too short to be told from other text', () => {
  const found = new Set<string>();
  collectUrlSecrets({ a: ['http://me:pw@h?key=short'], b: { c: 'https://h?access_token=t-123456' } }, found);
  expect([...found]).toEqual(['pw', 't-123456']);
});

test('an excerpt of the configuration shows no key of a URL, and its caret still points at the fault', async () => {
  const errors = await configErrorsOf('receivers: { "http://me:pw@h?key=abc": , nosuch: }\n');
  const lines = errors?.format({ excerpts: true }).split('\n') ?? [];
  const excerpt = lines.findIndex((line) => line.includes('[REDACTED]@h?key=[REDACTED]') && line.includes('nosuch'));
  expect(excerpt).toBeGreaterThan(-1);
  expect(lines.join('\n')).not.toContain('key=abc": ,');
});
