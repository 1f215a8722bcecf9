import { type Static, Type } from '@millrace/api';

const texts = (description: string) => Type.Array(Type.String(), { default: [], description });

const database = (name: string) =>
  Type.Object(
    {
      enabled: Type.Boolean({
        default: false,
        description: `Whether literals are taken out of statements for ${name}.`,
      }),
      attributes: texts('Attributes that hold such statements.'),
    },
    { description: `Statements for ${name}.` },
  );

const spanNames = (what: string) =>
  Type.Boolean({ default: true, description: `Whether names of spans are rewritten, too, ${what}.` });

export const redactionSettings = Type.Object({
  allow_all_keys: Type.Boolean({
    default: false,
    description: 'Keeps attributes whatever their keys are. Otherwise all that allowed_keys does not list are removed.',
  }),
  allowed_keys: texts('Keys that are kept, and whose values are checked. Without any, all attributes are removed.'),
  ignored_keys: texts('Keys that pass as they are: never removed, never masked.'),
  ignored_key_patterns: texts('As ignored_keys, for keys that match one of these RE2 expressions.'),
  blocked_key_patterns: texts('The whole value is masked where the key matches one of these RE2 expressions.'),
  blocked_values: texts('Parts of values that match one of these RE2 expressions are masked.'),
  allowed_values: texts('A value that matches one of these RE2 expressions is not masked.'),
  redact_all_types: Type.Boolean({
    default: false,
    description: 'Checks numbers, lists and all other values, too, in the form of text. Otherwise only strings.',
  }),
  hash_function: Type.String({
    default: '',
    description: 'Masks with a hash in hex (md5, sha1, sha3, hmac-sha256 or hmac-sha512) instead of ****.',
    examples: ['md5', 'sha1', 'sha3', 'hmac-sha256', 'hmac-sha512'],
  }),
  hmac_key: Type.Secret({
    default: '',
    description: 'Key of hmac-sha256 (at least 32 bytes) and hmac-sha512 (at least 64 bytes).',
  }),
  summary: Type.Enum(['debug', 'info', 'silent'], {
    default: 'silent',
    description:
      'What attributes named redaction.* say of the changes: how many (info), also which keys (debug), or nothing (silent).',
  }),
  url_sanitizer: Type.Object(
    {
      enabled: Type.Boolean({
        default: false,
        description:
          'Whether ids in URLs become asterisks, and queries go: in the attributes listed, and in all bodies of logs.',
      }),
      attributes: texts('Attributes that hold URLs.'),
      sanitize_span_name: spanNames('of client and server spans with a slash in the name or with attributes of HTTP'),
    },
    { description: 'Takes out of URLs what differs from request to request.' },
  ),
  db_sanitizer: Type.Object(
    {
      sql: database('SQL databases'),
      redis: database('Redis'),
      valkey: database('Valkey'),
      memcached: database('memcached'),
      mongo: database('MongoDB'),
      opensearch: database('OpenSearch'),
      es: database('Elasticsearch'),
      sanitize_span_name: spanNames('where db.system.name or db.system names a database that is enabled'),
    },
    {
      description:
        'Takes literals out of statements for databases: in the attributes listed, where db.system.name or db.system names the ' +
        'database or a log names none, and in all bodies of logs.',
    },
  ),
});

export type RedactionSettings = Static<typeof redactionSettings>;
