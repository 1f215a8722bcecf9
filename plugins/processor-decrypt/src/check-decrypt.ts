import type { ConfigFault } from '@millrace/api';
import { JweError, JweKey, openKey } from '@millrace/codec';
import { compilePattern, PatternError } from '@millrace/pattern';
import type { DecryptSettings } from './decrypt-settings.ts';

type KeySettings = DecryptSettings['keys'][number];

/** Reads a key file, if there is one. @throws JweError */
export function openPrivateKey(source: KeySettings): JweKey {
  const key = openKey(source);
  if (!(key instanceof JweKey)) {
    throw new JweError('MALFORMED_KEY', 'the key makes pseudonyms, which nothing turns back: leave it out');
  }
  if (!key.canDecrypt) {
    throw new JweError('MALFORMED_KEY', 'the key is a public one, which cannot decrypt: set the private key');
  }
  return key;
}

/** Everything, with what stands in key files. */
export function checkDecrypt(settings: DecryptSettings): readonly ConfigFault[] {
  const faults = settings.keys.flatMap(checkKey);
  const kids = settings.keys.map(({ kid }) => kid);
  kids.forEach((kid, index) => {
    if (kid === undefined || kids.indexOf(kid) === index) return;
    faults.push({ path: ['keys', index, 'kid'], message: `there are two keys with the kid "${kid}"` });
  });
  settings.patterns.forEach((pattern, index) => {
    try {
      compilePattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      faults.push({ path: ['patterns', index], message: error.message });
    }
  });
  return faults;
}

function checkKey(source: KeySettings, index: number): ConfigFault[] {
  const { value, file } = source;
  if ((value === undefined) === (file === undefined)) {
    const message = value === undefined ? 'the key is missing' : 'value and file are both set';
    return [{ path: ['keys', index], message, remedy: 'set either value or file' }];
  }
  try {
    openPrivateKey(source);
    return [];
  } catch (error) {
    if (!(error instanceof JweError)) throw error;
    return [{ path: ['keys', index, file === undefined ? 'value' : 'file'], message: error.message }];
  }
}
