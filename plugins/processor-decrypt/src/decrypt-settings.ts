import { type Static, Type } from '@millrace/api';
import { JWE_ALGORITHMS } from '@millrace/codec';
import { ATTRIBUTE_PLACES } from '@millrace/rules';

const texts = (description: string) => Type.Array(Type.String(), { default: [], description });

const key = Type.Object({
  kid: Type.Optional(
    Type.String({ description: 'Name of the key, as it stands in what it opens. Default: the "kid" of the JWK.' }),
  ),
  algorithm: Type.Optional(
    Type.Enum(JWE_ALGORITHMS, {
      description:
        'The only algorithm that is accepted for it. Default: the "alg" of the JWK, or by its kind A256KW, ECDH-ES+A256KW or RSA-OAEP-256.',
    }),
  ),
  value: Type.Optional(
    Type.Secret({ description: 'The key: JWK, PEM, or 32 bytes in base64url, as in ${env:FIELD_KEY}.' }),
  ),
  file: Type.Optional(Type.String({ description: 'File that holds the key instead; others may not read it.' })),
});

export const decryptSettings = Type.Object({
  keys: Type.Array(key, { minItems: 1, description: 'Private or secret keys, of now and of earlier.' }),
  in: Type.Array(Type.Enum(ATTRIBUTE_PLACES), {
    default: [...ATTRIBUTE_PLACES],
    description: 'Whose attributes are searched for what is encrypted; body is the body of log records.',
  }),
  names: texts('Keys of attributes, and of maps in bodies, to be searched. Default: all.'),
  patterns: texts('The same by RE2 expressions.'),
  on_error: Type.Enum(['keep', 'drop', 'fail'], {
    default: 'keep',
    description:
      'What becomes of a JWE that cannot be opened, also for want of its key: it stays, the field goes, or the item is refused.',
  }),
});

export type DecryptSettings = Static<typeof decryptSettings>;
