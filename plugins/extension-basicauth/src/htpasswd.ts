import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Tells whether a password is that of a user. */
export type PasswordTest = (password: string) => boolean;

/** By name. */
export type Users = ReadonlyMap<string, PasswordTest>;

const SHA1_BYTES = 20;

/** Formats that the platform has no function for. */
const OTHERS: readonly (readonly [start: RegExp, name: string])[] = [
  [/^\$2[abxy]?\$/, 'bcrypt'],
  [/^\$(apr)?1\$/, 'MD5-crypt'],
  [/^\$[56]\$/, 'SHA-crypt'],
];

/**
 * Reads the lines of an htpasswd file: `user:{SSHA}…` (salted SHA-1, as LDAP has it), `user:{SHA}…`, `user:password`.
 * A later line for the same user replaces an earlier one. Throws an Error that names the line.
 */
export function parseUsers(text: string): Users {
  const users = new Map<string, PasswordTest>();
  for (const [index, line] of text.split('\n').entries()) {
    const written = line.trim();
    if (written === '' || written.startsWith('#')) continue;
    const colon = written.indexOf(':');
    if (colon < 1) throw new Error(`line ${index + 1} is not of the form user:password`);
    users.set(written.slice(0, colon), testOf(written.slice(colon + 1), index + 1));
  }
  if (users.size === 0) throw new Error('there are no users in it');
  return users;
}

function testOf(password: string, line: number): PasswordTest {
  const other = OTHERS.find(([start]) => start.test(password));
  if (other !== undefined) {
    throw new Error(`the password in line ${line} is hashed with ${other[1]}, which cannot be checked; use {SSHA}`);
  }
  const [, kind, encoded = ''] = /^\{(SSHA|SHA)\}(.*)$/i.exec(password) ?? [];
  if (kind === undefined) return salted(digestOf(password, PLAIN_SALT), PLAIN_SALT);
  const bytes = Buffer.from(encoded, 'base64');
  const hasSalt = kind.toUpperCase() === 'SSHA';
  if (hasSalt ? bytes.length <= SHA1_BYTES : bytes.length !== SHA1_BYTES) {
    throw new Error(`the password in line ${line} is no {${kind.toUpperCase()}} in base64`);
  }
  return salted(bytes.subarray(0, SHA1_BYTES), bytes.subarray(SHA1_BYTES));
}

/** Of this process: plain passwords are kept and compared as digests. */
const PLAIN_SALT = randomBytes(16);

function salted(digest: Uint8Array, salt: Uint8Array): PasswordTest {
  return (password) => timingSafeEqual(digestOf(password, salt), digest);
}

function digestOf(password: string, salt: Uint8Array): Buffer {
  return createHash('sha1').update(password, 'utf8').update(salt).digest();
}

/** A user whom nobody is, for the time that it takes. */
export const UNKNOWN_USER: PasswordTest = salted(randomBytes(SHA1_BYTES), PLAIN_SALT);
