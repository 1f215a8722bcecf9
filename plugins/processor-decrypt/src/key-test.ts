import { compilePattern } from '@millrace/pattern';
import type { DecryptSettings } from './decrypt-settings.ts';
import type { KeyTest } from './value-decryption.ts';

const KEYS_MAX = 4_096;

/** Which keys are searched; undefined where all are. */
export function keyTest({ names, patterns }: Pick<DecryptSettings, 'names' | 'patterns'>): KeyTest | undefined {
  if (names.length + patterns.length === 0) return undefined;
  const compiled = patterns.map((pattern) => compilePattern(pattern));
  const known = new Map<string, boolean>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = names.includes(key) || compiled.some((pattern) => pattern.test(key));
    // Keys that are made from data could be without end; starting over is cheaper than keeping track of age.
    if (known.size >= KEYS_MAX) known.clear();
    known.set(key, found);
    return found;
  };
}
