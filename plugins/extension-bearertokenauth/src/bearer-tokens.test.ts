import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeExtensionHost } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { BearerTokens } from './bearer-tokens.ts';

const DEFAULTS = { header: 'Authorization', scheme: 'Bearer' };
const UNKNOWN = 'the token, or the scheme before it, is not known';

test.each([
  [{ authorization: 'Bearer one' }, undefined],
  [{ authorization: ['Bearer two', 'Bearer three'] }, undefined],
  [{ authorization: 'Bearer three' }, UNKNOWN],
  [{ authorization: 'one' }, UNKNOWN],
  [{ authorization: 'bearer one' }, UNKNOWN],
  [{ authorization: '' }, UNKNOWN],
  [{}, 'the header "authorization" with a token is missing'],
])('%j: %s', (headers, answer) => {
  const tokens = new BearerTokens({ ...DEFAULTS, tokens: ['one', 'two'] }, new FakeExtensionHost());
  expect(tokens.refuse(headers)).toBe(answer);
  expect(tokens.credentials()).toEqual({ authorization: 'Bearer one' });
});

test('header and scheme can be others', () => {
  const tokens = new BearerTokens({ header: 'X-Key', scheme: '', token: 'k' }, new FakeExtensionHost());
  expect(tokens.credentials()).toEqual({ 'x-key': 'k' });
  expect([tokens.refuse({ 'x-key': 'k' }), tokens.challenge]).toEqual([undefined, 'Bearer']);
});

test('a file goes before the settings, its empty lines are no tokens, and a new token replaces the old one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
  try {
    const filename = join(folder, 'token');
    const host = new FakeExtensionHost();
    writeFileSync(filename, '\n');
    const tokens = new BearerTokens({ ...DEFAULTS, token: 'ignored', filename }, host);
    await expect(tokens.start()).rejects.toThrow('it holds no token');
    writeFileSync(filename, 'first\n\nsecond \n');
    await tokens.start();
    expect(tokens.refuse({ authorization: 'Bearer ' })).toBe(UNKNOWN);
    expect(tokens.refuse({ authorization: 'Bearer ignored' })).toBe(UNKNOWN);
    expect(tokens.refuse({ authorization: 'Bearer second' })).toBeUndefined();
    writeFileSync(filename, 'a-third-token\n');
    await host.manualClock.advance(1_000);
    await expect.poll(() => tokens.credentials()).toEqual({ authorization: 'Bearer a-third-token' });
    expect(tokens.refuse({ authorization: 'Bearer first' })).toBe(UNKNOWN);
    tokens.shutdown();
    expect(host.manualClock.pending).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
