import { type Static, Type } from '@millrace/api';
import { CONTENT_KEY_USES_MAX, KEY_ALGORITHMS, PSEUDONYM_BYTES_MAX, PSEUDONYM_BYTES_MIN } from '@millrace/codec';
import { ATTRIBUTE_PLACES } from '@millrace/rules';

const texts = (description: string) => Type.Array(Type.String(), { default: [], description });

const key = Type.Object({
  kid: Type.Optional(
    Type.String({ description: 'Name of the key, as it stands in what it encrypts. Default: the "kid" of the JWK.' }),
  ),
  algorithm: Type.Optional(
    Type.Enum(KEY_ALGORITHMS, {
      description:
        'What the key does. Default: the "alg" of the JWK, or by its kind A256KW, ECDH-ES+A256KW or RSA-OAEP-256; HS256 makes pseudonyms.',
    }),
  ),
  value: Type.Optional(
    Type.Secret({
      description: 'The key: JWK, PEM, or 32 bytes in base64url, as in ${env:FIELD_KEY}.',
    }),
  ),
  file: Type.Optional(
    Type.String({ description: 'File that holds the key instead; if it is secret, others may not read it.' }),
  ),
});

const field = Type.Object({
  in: Type.Array(Type.Enum(ATTRIBUTE_PLACES), {
    default: ['log', 'span', 'spanevent', 'spanlink', 'datapoint', 'exemplar'],
    description: 'Whose attributes are meant; body is the map in the body of a log record.',
  }),
  names: texts('Keys of attributes whose values are encrypted.'),
  patterns: texts('The same for keys that match one of these RE2 expressions.'),
  paths: Type.Array(Type.Array(Type.String()), {
    default: [],
    description:
      'Values within maps: the attribute\'s key, then the key within it, and so on; "*" is any key. Lists are entered.',
  }),
  whole_body: Type.Boolean({ default: false, description: 'Encrypts the body of log records as a whole.' }),
  mode: Type.Enum(['encrypt', 'pseudonym'], {
    default: 'encrypt',
    description: 'A JWE that a private key opens again, or a pseudonym: the same for the same value, for good.',
  }),
  key: Type.Optional(Type.String({ description: 'kid of the key to use instead of the active one.' })),
});

export const encryptSettings = Type.Object({
  keys: Type.Array(key, {
    minItems: 1,
    description: 'Keys in use, and earlier ones, so that what these encrypted is recognised and not encrypted again.',
  }),
  active_key: Type.Optional(Type.String({ description: 'kid of the key that encrypts. Default: the first that can.' })),
  active_pseudonym_key: Type.Optional(
    Type.String({ description: 'kid of the key that makes pseudonyms. Default: the first of HS256.' }),
  ),
  fields: Type.Array(field, {
    minItems: 1,
    description: 'What is encrypted, and how. The first entry that names a field decides.',
  }),
  content_key: Type.Object(
    {
      max_uses: Type.Integer({
        default: 1_000_000_000,
        minimum: 1,
        maximum: CONTENT_KEY_USES_MAX,
        description: 'Fields that one content key encrypts, each with an IV of its own, on one worker.',
      }),
      max_age: Type.Duration({ default: '1h', description: 'Time after which a new content key is made.' }),
    },
    { description: 'Content keys are made at random, wrapped with the key, and used for many fields.' },
  ),
  pseudonym_bytes: Type.Integer({
    default: PSEUDONYM_BYTES_MIN,
    minimum: PSEUDONYM_BYTES_MIN,
    maximum: PSEUDONYM_BYTES_MAX,
    description: 'Bytes of the HMAC that a pseudonym keeps.',
  }),
});

export type EncryptSettings = Static<typeof encryptSettings>;
export type FieldSettings = EncryptSettings['fields'][number];
