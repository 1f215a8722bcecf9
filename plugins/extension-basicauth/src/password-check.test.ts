import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeExtensionHost } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import { BasicCredentials } from './basic-credentials.ts';
import { parseUsers } from './htpasswd.ts';
import { PasswordCheck } from './password-check.ts';

/** As LDAP's slappasswd makes it. */
function ssha(password: string, salt: string): string {
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, Buffer.from(salt)]).toString('base64')}`;
}

const USERS = [
  '# those who may send',
  `salted:${ssha('s3cret', 'abcd')}`,
  // What `htpasswd -nbs hashed password` prints.
  'hashed:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
  'plain:with:colon',
  // What `htpasswd -nbB -C 5 strong passw0rd` prints.
  'strong:$2y$05$bGdr7gxO4faGnwKB2gAdKOnP.2QnDwpsduTRbnLSsdytsr.bmoE9C',
  'twice:old',
  'twice:new',
].join('\n');
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('who may pass', () => {
  test.each([
    ['salted:s3cret', true],
    ['hashed:password', true],
    ['plain:with:colon', true],
    ['strong:passw0rd', true],
    ['strong:password', false],
    ['twice:new', true],
    ['twice:old', false],
    ['salted:', false],
    ['salted:s3cretx', false],
    ['nobody:s3cret', false],
    [':', false],
  ])('%s: %s', async (text, passes) => {
    const check = new PasswordCheck({ inline: USERS }, new FakeExtensionHost());
    await check.start();
    expect(check.refuse(basic(text))).toBe(passes ? undefined : 'the user name or the password is wrong');
  });

  test.each([
    [{}, 'is missing'],
    [{ authorization: 'Bearer x' }, 'another scheme than Basic'],
    [{ authorization: 'Basic !!' }, 'another scheme than Basic'],
    [basic('nocolon'), 'no user name and password'],
  ])('%j is refused, before anybody has started, too: %s', (headers, reason) => {
    const check = new PasswordCheck({ inline: USERS }, new FakeExtensionHost());
    expect(check.refuse(headers)).toContain(reason);
    expect(check.refuse(basic('plain:with:colon'))).toBe('the user name or the password is wrong');
  });
});

test.each([
  ['', 'there are no users in it'],
  ['name', 'line 1 is not of the form user:password'],
  [':x', 'line 1 is not of the form user:password'],
  ['a:b\nc:$2y$05$abcdefghijklmnopqrstuv', 'the password in line 2 is no complete bcrypt hash'],
  ['a:$apr1$x$y', 'hashed with MD5-crypt'],
  ['a:$6$x$y', 'hashed with SHA-crypt'],
  ['a:{SHA}abc', 'the password in line 1 is no {SHA} in base64'],
  ['a:{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'the password in line 1 is no {SSHA} in base64'],
])('%j cannot be used: %s', async (text, reason) => {
  expect(() => parseUsers(text)).toThrow(reason);
  const check = new PasswordCheck({ inline: text }, new FakeExtensionHost());
  await expect(check.start()).rejects.toMatchObject({ code: 'HTPASSWD_MALFORMED' });
});

test('files are read again when they change, on both sides', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
  try {
    const host = new FakeExtensionHost();
    const [file, secret] = [join(folder, 'users'), join(folder, 'password')];
    writeFileSync(file, 'me:one');
    writeFileSync(secret, 'one\n');
    const check = new PasswordCheck({ file, inline: 'other:x' }, host);
    const client = new BasicCredentials({ username: 'me', password_file: secret }, host);
    await Promise.all([check.start(), client.start()]);
    expect(check.refuse(client.credentials())).toBeUndefined();
    expect(check.refuse(basic('other:x'))).toBeUndefined();
    writeFileSync(file, 'me:second');
    writeFileSync(secret, 'second\n');
    await host.manualClock.advance(1_000);
    await expect.poll(() => client.credentials()).toEqual(basic('me:second'));
    await expect.poll(() => check.refuse(client.credentials())).toBeUndefined();
    check.shutdown();
    client.shutdown();
    expect(host.manualClock.pending).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
