import { ComponentError, defineProcessor, type StepTools, type Transform } from '@millrace/api';
import { JweError, openKey } from '@millrace/codec';
import { BatchEncryption } from './batch-encryption.ts';
import { checkEncrypt } from './check-encrypt.ts';
import { encryptSettings, type EncryptSettings } from './encrypt-settings.ts';
import { chooseKeys } from './key-choice.ts';
import { Protection } from './protection.ts';

/** Encrypts fields, each into a compact JWE that stands in its place. */
export default defineProcessor({
  type: 'encrypt',
  summary: 'Encrypts fields to compact JWE, or replaces them by pseudonyms.',
  stability: 'beta',
  config: encryptSettings,
  examples: [
    {
      title: 'Encrypt for the owner of a private key; nobody else, not even this collector, reads it again',
      yaml: [
        'encrypt:',
        '  keys:',
        '    - kid: 2026-10',
        '      value: >-',
        '        {"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}',
        '  fields:',
        '    - names: [enduser.id, client.address]',
        '      patterns: ["^pii\\\\."]',
        '    - in: [body]',
        '      paths: [[user, email], [orders, "*", card]]',
      ].join('\n'),
    },
    {
      title: 'Change keys: the new one encrypts, what the old one has encrypted is recognised',
      yaml: [
        'encrypt/rotated:',
        '  keys:',
        '    - { kid: 2026-10, value: "${env:FIELD_KEY:-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8}" }',
        '    - { kid: 2026-04, value: "${env:OLD_FIELD_KEY:-ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8}" }',
        '  active_key: 2026-10',
        '  fields:',
        '    - { names: [enduser.id] }',
        '    - { whole_body: true }',
      ].join('\n'),
    },
    {
      title: 'Pseudonyms: records of one user can still be joined',
      yaml: [
        'encrypt/pseudonyms:',
        '  keys:',
        '    - { kid: ids-1, algorithm: HS256, value: "${env:ID_KEY:-QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8}" }',
        '  fields:',
        '    - { in: [log, span, resource], names: [enduser.id, session.id], mode: pseudonym }',
      ].join('\n'),
    },
  ],
  check: checkEncrypt,
  create: encryption,
});

function encryption(settings: EncryptSettings, tools: StepTools): Transform {
  const keys = settings.keys.map((source) => {
    try {
      return openKey(source);
    } catch (error) {
      if (!(error instanceof JweError)) throw error;
      throw new ComponentError(`a key of "${tools.id}": ${error.message}`, { code: error.code });
    }
  });
  const { ofFields, faults } = chooseKeys(settings, keys);
  for (const { path, message, remedy } of faults) {
    const where = `${path.join('.')} of "${tools.id}": ${message}`;
    throw new ComponentError(where, { code: 'KEYS', ...(remedy === undefined ? {} : { remedy }) });
  }
  const protection = new Protection(settings, keys);
  const encryption = new BatchEncryption(
    settings.fields.map((field, index) => ({ settings: field, treatment: protection.with(ofFields[index]) })),
  );
  const counting = <B>(edit: (batch: B) => void): ((batch: B) => void) => {
    return (batch) => {
      protection.begin(Number(tools.nowUnixNano() / 1_000_000n));
      edit(batch);
      const { encrypted, pseudonymized, already } = protection;
      if (encrypted > 0) tools.count('processor_encrypt_encrypted_fields', encrypted);
      if (pseudonymized > 0) tools.count('processor_encrypt_pseudonymized_fields', pseudonymized);
      if (already > 0) tools.count('processor_encrypt_already_encrypted_fields', already);
    };
  };
  return {
    logs: counting((batch) => encryption.logs(batch)),
    traces: counting((batch) => encryption.traces(batch)),
    metrics: counting((batch) => encryption.metrics(batch)),
  };
}
