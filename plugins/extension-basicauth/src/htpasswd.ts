import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { compareSync } from 'bcryptjs';

/** Tells whether a password is that of a user. */
export type PasswordTest = (password: string) => boolean;

/** By name. */
export type Users = ReadonlyMap<string, PasswordTest>;

const SHA1_BYTES = 20;

/** Formats that the platform has no function for. */
const OTHERS: readonly (readonly [start: RegExp, name: string])[] = [
  [/^\$(apr)?1\$/, 'MD5-crypt'],
  [/^\$[56]\$/, 'SHA-crypt'],
];

/**
 * Reads the lines of an htpasswd file: `user:{SSHA}…` (salted SHA-1, as LDAP has it), `user:{SHA}…`, `user:$2y$…` (bcrypt),
 * `user:password`.
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
  if (/^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/.test(password)) return bcrypted(password);
  if (password.startsWith('$2')) throw new Error(`the password in line ${line} is no complete bcrypt hash`);
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

/**
 * bcrypt is slow on purpose, and runs where everything else waits for it: once a password was right, it and all others
 * are compared with its digest; until then there is one try in a while, whoever asks.
 */
function bcrypted(hash: string): PasswordTest {
  let right: Uint8Array | undefined;
  let nextTryMs = 0;
  return (password) => {
    const digest = digestOf(password, PLAIN_SALT);
    if (right !== undefined) return timingSafeEqual(right, digest);
    const nowMs = performance.now();
    if (nowMs < nextTryMs || !compareSync(password, hash)) {
      nextTryMs = Math.max(nextTryMs, nowMs + BCRYPT_PAUSE_MS);
      return false;
    }
    right = digest;
    return true;
  };
}

const BCRYPT_PAUSE_MS = 500;

function digestOf(password: string, salt: Uint8Array): Buffer {
  return createHash('sha1').update(password, 'utf8').update(salt).digest();
}

/** A user whom nobody is, for the time that it takes. */
export const UNKNOWN_USER: PasswordTest = salted(randomBytes(SHA1_BYTES), PLAIN_SALT);
