import { AgeError } from './age-error.ts';
import {
  formatIdentity,
  formatRecipient,
  parseIdentity,
  parseRecipient,
  recipientOf,
  type AgeIdentity,
  type AgeRecipient,
} from './age-keys.ts';

/**
 * Reads an identity file as `age-keygen` writes it: one identity a line, empty lines and lines with `#` passed over.
 * @throws AgeError `MALFORMED_KEY` with the number of the line, or if there is none at all
 */
export function parseIdentityFile(text: string): AgeIdentity[] {
  return parseLines(text, { what: 'identity', parse: parseIdentity });
}

/**
 * Reads a recipients file as `age -R` takes it: one recipient a line, empty lines and lines with `#` passed over.
 * @throws AgeError `MALFORMED_KEY` with the number of the line, or if there is none at all
 */
export function parseRecipientFile(text: string): AgeRecipient[] {
  return parseLines(text, { what: 'recipient', parse: parseRecipient });
}

/** The text of an identity file, as `age-keygen` writes it. Secret: write it with mode 0600. */
export function formatIdentityFile(identity: AgeIdentity, createdAt: Date): string {
  const created = `# created: ${createdAt.toISOString().replace(/\.\d+Z$/, 'Z')}`;
  const publicKey = `# public key: ${formatRecipient(recipientOf(identity))}`;
  return `${created}\n${publicKey}\n${formatIdentity(identity)}\n`;
}

function parseLines<Key>(text: string, { what, parse }: { what: string; parse: (line: string) => Key }): Key[] {
  const keys: Key[] = [];
  for (const [index, untrimmed] of text.split('\n').entries()) {
    const line = untrimmed.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (keys.length === KEYS_MAX) {
      throw new AgeError('MALFORMED_KEY', `age: ${what} file has more than ${KEYS_MAX} keys, the limit`);
    }
    try {
      keys.push(parse(line));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AgeError('MALFORMED_KEY', `${reason} (${what} file, line ${index + 1})`, { cause: error });
    }
  }
  if (keys.length === 0) throw new AgeError('MALFORMED_KEY', `age: ${what} file has no ${what} in it`);
  return keys;
}

const KEYS_MAX = 1024;
