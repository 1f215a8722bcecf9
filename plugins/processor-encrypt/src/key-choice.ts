import { type JweKey, PseudonymKey } from '@millrace/codec';
import type { ConfigFault } from '@millrace/api';
import type { EncryptSettings } from './encrypt-settings.ts';

/** The key of each entry of `fields`, in their order. */
export interface KeyChoice {
  readonly ofFields: readonly (JweKey | PseudonymKey)[];
  readonly faults: readonly ConfigFault[];
}

/** Finds out which key encrypts which field. */
export function chooseKeys(settings: EncryptSettings, keys: readonly (JweKey | PseudonymKey)[]): KeyChoice {
  const faults: ConfigFault[] = [];
  const kids = keys.map(({ kid }) => kid);
  kids.forEach((kid, index) => {
    if (kids.indexOf(kid) === index) return;
    faults.push({ path: ['keys', index], message: `there are two keys with the kid "${kid}"` });
  });
  const named = (kid: string, mode: 'encrypt' | 'pseudonym', path: ConfigFault['path']) => {
    const key = keys.find((each) => each.kid === kid);
    if (key !== undefined && modeOf(key) === mode) return key;
    const message =
      key === undefined ? `no key has the kid "${kid}"` : `the key "${kid}" (${key.algorithm}) is not for this`;
    faults.push({ path, message, remedy: `name one of: ${usable(keys, mode)}` });
    return undefined;
  };
  const active = {
    encrypt: settings.active_key === undefined ? undefined : named(settings.active_key, 'encrypt', ['active_key']),
    pseudonym:
      settings.active_pseudonym_key === undefined
        ? undefined
        : named(settings.active_pseudonym_key, 'pseudonym', ['active_pseudonym_key']),
  };
  const ofFields = settings.fields.flatMap(({ mode, key: kid }, index) => {
    if (kid !== undefined) return named(kid, mode, ['fields', index, 'key']) ?? [];
    const key = active[mode] ?? keys.find((each) => modeOf(each) === mode);
    if (key !== undefined) return key;
    const remedy =
      mode === 'encrypt' ? 'add a key to encrypt with' : 'add a key with algorithm: HS256, or use mode: encrypt';
    faults.push({ path: ['fields', index, 'mode'], message: `there is no key for "${mode}"`, remedy });
    return [];
  });
  return { ofFields, faults };
}

function modeOf(key: JweKey | PseudonymKey): 'encrypt' | 'pseudonym' {
  return key instanceof PseudonymKey ? 'pseudonym' : 'encrypt';
}

function usable(keys: readonly (JweKey | PseudonymKey)[], mode: 'encrypt' | 'pseudonym'): string {
  const names = keys.filter((key) => modeOf(key) === mode).map(({ kid }) => kid);
  return names.length === 0 ? '(there is none yet)' : names.join(', ');
}
