import { ComponentError, defineProcessor, type StepTools, type Transform } from '@millrace/api';
import { JweDecryptor, JweError } from '@millrace/codec';
import { BatchDecryption } from './batch-decryption.ts';
import { checkDecrypt, openPrivateKey } from './check-decrypt.ts';
import { decryptSettings, type DecryptSettings } from './decrypt-settings.ts';
import { ValueDecryption } from './value-decryption.ts';

/** Puts values back that `encrypt`, or anybody else, has encrypted to compact JWE. */
export default defineProcessor({
  type: 'decrypt',
  summary: 'Decrypts fields that are compact JWE, for those who hold the key.',
  stability: 'beta',
  config: decryptSettings,
  examples: [
    {
      title: 'Decrypt whatever the keys open, wherever it is',
      yaml: [
        'decrypt:',
        '  keys:',
        '    - { kid: 2026-10, value: "${env:FIELD_KEY:-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8}" }',
        '    - { kid: 2026-04, value: "${env:OLD_FIELD_KEY:-ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8}" }',
      ].join('\n'),
    },
    {
      title: 'Decrypt some attributes of spans, and remove those that do not open',
      yaml: [
        'decrypt/some:',
        '  keys: [{ kid: 2026-10, value: "${env:FIELD_KEY:-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8}" }]',
        '  in: [span]',
        '  names: [enduser.id]',
        '  patterns: ["^pii\\\\."]',
        '  on_error: drop',
      ].join('\n'),
    },
  ],
  check: checkDecrypt,
  create: decryption,
});

function decryption(settings: DecryptSettings, tools: StepTools): Transform {
  const keys = settings.keys.map((source) => {
    try {
      return openPrivateKey(source);
    } catch (error) {
      if (!(error instanceof JweError)) throw error;
      throw new ComponentError(`a key of "${tools.id}": ${error.message}`, { code: error.code });
    }
  });
  const kids = keys.map(({ kid }) => kid);
  const twice = kids.find((kid, index) => kids.indexOf(kid) < index);
  if (twice !== undefined)
    throw new ComponentError(`"${tools.id}" has two keys with the kid "${twice}"`, { code: 'KEYS' });
  const values = new ValueDecryption(new JweDecryptor(keys), settings.on_error);
  const decryption = new BatchDecryption(settings, values);
  const counting = <B>(edit: (batch: B) => void): ((batch: B) => void) => {
    return (batch) => {
      values.begin();
      edit(batch);
      const { decrypted, failed, withoutKey } = values;
      if (decrypted > 0) tools.count('processor_decrypt_decrypted_fields', decrypted);
      if (failed > 0) tools.count('processor_decrypt_failed_fields', failed);
      if (withoutKey > 0) tools.count('processor_decrypt_unknown_key_fields', withoutKey);
    };
  };
  return {
    logs: counting((batch) => decryption.logs(batch)),
    traces: counting((batch) => decryption.traces(batch)),
    metrics: counting((batch) => decryption.metrics(batch)),
  };
}
