import type { ConfigFault } from '@millrace/api';
import { type JweKey, JweError, openKey, type PseudonymKey } from '@millrace/codec';
import { compilePattern, PatternError } from '@millrace/pattern';
import type { EncryptSettings, FieldSettings } from './encrypt-settings.ts';
import { chooseKeys } from './key-choice.ts';

/** Everything, with what stands in key files. */
export function checkEncrypt(settings: EncryptSettings): readonly ConfigFault[] {
  const { keys, faults } = checkKeys(settings);
  faults.push(...settings.fields.flatMap(checkField));
  // Which key a name means is known only where all keys are.
  if (keys.length === settings.keys.length) faults.push(...chooseKeys(settings, keys).faults);
  return faults;
}

function checkKeys(settings: EncryptSettings): { keys: (JweKey | PseudonymKey)[]; faults: ConfigFault[] } {
  const keys: (JweKey | PseudonymKey)[] = [];
  const faults: ConfigFault[] = [];
  settings.keys.forEach((source, index) => {
    if ((source.value === undefined) === (source.file === undefined)) {
      const message = source.value === undefined ? 'the key is missing' : 'value and file are both set';
      faults.push({ path: ['keys', index], message, remedy: 'set either value or file' });
    } else {
      try {
        keys.push(openKey(source));
      } catch (error) {
        if (!(error instanceof JweError)) throw error;
        faults.push({ path: ['keys', index, source.file === undefined ? 'value' : 'file'], message: error.message });
      }
    }
  });
  return { keys, faults };
}

function checkField(field: FieldSettings, index: number): ConfigFault[] {
  const path = ['fields', index];
  const faults: ConfigFault[] = [];
  if (field.names.length + field.patterns.length + field.paths.length === 0 && !field.whole_body) {
    faults.push({ path, message: 'names no field', remedy: 'set names, patterns, paths or whole_body' });
  }
  field.patterns.forEach((pattern, at) => {
    try {
      compilePattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      faults.push({ path: [...path, 'patterns', at], message: error.message });
    }
  });
  field.paths.forEach((keys, at) => {
    if (keys.length > 0) return;
    const remedy = 'write the keys that lead to the value, as in [user, email]';
    faults.push({ path: [...path, 'paths', at], message: 'is empty', remedy });
  });
  return faults;
}
