import type { ConfigFault } from '@millrace/api';
import { compilePattern } from '@millrace/pattern';
import { HASH_FUNCTIONS, hashFunction } from './mask.ts';
import type { RedactionSettings } from './redaction-settings.ts';

const PATTERN_LISTS = ['ignored_key_patterns', 'blocked_key_patterns', 'blocked_values', 'allowed_values'] as const;

/** The Collector's rules. */
export function checkRedaction(settings: RedactionSettings): ConfigFault[] {
  return [...checkPatterns(settings), ...checkHash(settings)];
}

function checkPatterns(settings: RedactionSettings): ConfigFault[] {
  return PATTERN_LISTS.flatMap((list) =>
    settings[list].flatMap((pattern, index) => {
      try {
        compilePattern(pattern);
        return [];
      } catch (error) {
        return [{ path: [list, index], message: (error as Error).message }];
      }
    }),
  );
}

function checkHash({ hash_function, hmac_key }: RedactionSettings): ConfigFault[] {
  if (hash_function === '') return [];
  const found = hashFunction(hash_function);
  if (found === undefined) {
    const message = `"${hash_function}" is no hash function`;
    return [{ path: ['hash_function'], message, remedy: `write one of ${Object.keys(HASH_FUNCTIONS).join(', ')}` }];
  }
  const size = Buffer.byteLength(hmac_key);
  if (size >= found.keyBytesMin) return [];
  const message =
    size === 0
      ? `${hash_function} needs a key`
      : `the key has ${size} bytes; ${hash_function} needs ${found.keyBytesMin}`;
  const remedy = `set hmac_key to a secret of at least ${found.keyBytesMin} bytes, as in \${env:HMAC_KEY}`;
  return [{ path: ['hmac_key'], message, remedy }];
}
