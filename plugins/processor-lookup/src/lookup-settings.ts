import { type Schema, type Static, Type } from '@millrace/api';
import { headerList, tlsClient } from '@millrace/transport';

export const SOURCE_TYPES = ['noop', 'inline', 'csv', 'json', 'jsonl', 'yaml', 'http', 'sqlite', 'dns'] as const;
export type SourceType = (typeof SOURCE_TYPES)[number];

const CONTEXTS = ['record', 'resource'] as const;

const byteSize = (notes: { default: number; minimum?: number; description: string }): Schema<number> => ({
  type: 'integer',
  minimum: 1,
  ...notes,
  'x-type': 'bytes',
});
const text = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));
const index = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }));

const cache = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Whether answers are kept.' }),
    size: Type.Integer({
      default: 10_000,
      minimum: 1,
      description: 'Most answers that are kept in memory as they are.',
    }),
    max_bytes: byteSize({ default: 16 * 1024 * 1024, description: 'Most memory for these, about.' }),
    ttl: Type.Duration({ default: '5m', description: 'How long an answer counts; 0: for ever.' }),
    negative_ttl: Type.Duration({
      default: '1m',
      description: 'How long it counts that there is nothing under a key; 0: that is not kept.',
    }),
    stale_while_revalidate: Type.Duration({
      default: '0',
      description: 'How long after its ttl an answer is still used while it is asked for anew.',
    }),
    compressed_max_bytes: byteSize({
      default: 0,
      minimum: 0,
      description:
        'Most memory for answers that are kept compressed when `size` or `max_bytes` are used up; 0: none are.',
    }),
    disk: Type.Optional(
      Type.Object(
        {
          directory: Type.String({
            minLength: 1,
            description: 'Directory of the file; it is made where it is missing.',
          }),
          max_bytes: byteSize({ default: 256 * 1024 * 1024, description: 'Most bytes of answers in it.' }),
        },
        { description: 'Keeps answers in a file, too, so that they outlive the collector.' },
      ),
    ),
  },
  { description: 'http, sqlite, dns: what is kept of answers. Counted in processor_lookup_cache_*.' },
);

/** Of the sources that take a time limit; they are refused elsewhere. */
export const TIMEOUT_DEFAULT_MS = 5_000;

export const sourceSettings = Type.Object(
  {
    type: Type.Enum(SOURCE_TYPES, {
      default: 'noop',
      description:
        'Where values come from: a table of the configuration or of a file, a server, a database; noop finds nothing.',
    }),
    table: Type.Optional(Type.Record(Type.Any(), { description: 'inline: values, or mappings of values, by key.' })),
    path: text('csv, json, jsonl, yaml, sqlite: the file.'),
    reload_interval: Type.Duration({
      default: '0',
      description:
        'Files: how often to look whether the file has changed or another has taken its place; 0: never. A broken file is reported, and the old one stays in use.',
    }),
    max_file_bytes: byteSize({
      default: 64 * 1024 * 1024,
      description: 'csv, json, jsonl, yaml: largest file that is read; it is held in memory.',
    }),
    has_header: Type.Boolean({ default: true, description: 'csv: whether the first row names the columns.' }),
    delimiter: Type.String({ default: ',', minLength: 1, description: 'csv: the character between fields.' }),
    key_column: text('csv, json, jsonl, yaml: name of the column by which rows are found.'),
    key_column_index: index('csv: number of that column from 0, instead of its name.'),
    value_column: text('csv, json, jsonl, yaml: the only column that is used; without it, rows are found whole.'),
    value_column_index: index('csv: number of that column from 0, instead of its name.'),
    url: text('http: URL of a JSON document, with {key} where the key goes; it is escaped.'),
    headers: Type.Optional(headerList('http: headers sent with every request.')),
    pointer: Type.String({
      default: '',
      description: 'http: JSON pointer (RFC 6901) to the part of answers that is used, such as "/data/user".',
    }),
    max_response_bytes: byteSize({ default: 64 * 1024, description: 'http: largest answer.' }),
    tls: tlsClient(),
    query: text('sqlite: a query with one parameter, ? or :key, whose first row is used.'),
    record_type: Type.Enum(['PTR'], { default: 'PTR', description: 'dns: names by address.' }),
    server: text('dns: server as address:port, instead of those of the system.'),
    timeout: Type.Duration({
      default: `${TIMEOUT_DEFAULT_MS}ms`,
      minimumMs: 1,
      description: 'http, dns: longest time for one answer; sqlite: longest wait for a writer.',
    }),
    max_concurrency: Type.Integer({
      default: 16,
      minimum: 1,
      maximum: 1024,
      description: 'http, dns: questions under way at once.',
    }),
    cache,
  },
  { description: 'Where values come from.' },
);

const attribute = Type.Object({
  source: Type.Optional(
    Type.String({ description: 'Column or field that is written; without it, what was found is written as it is.' }),
  ),
  destination: Type.String({ minLength: 1, description: 'Attribute that is written.' }),
  default: Type.Optional(Type.String({ description: 'Value where nothing was found.' })),
  context: Type.Optional(Type.Enum(CONTEXTS, { description: 'In place of the context of the lookup.' })),
});

const lookup = Type.Object({
  key: Type.String({
    minLength: 1,
    description: 'OTTL value that is looked up, such as log.attributes["user.id"] or attributes["user.id"].',
  }),
  context: Type.Enum(CONTEXTS, {
    default: 'record',
    description: 'Whether attributes of the item (record, span, data point) or of its resource are written.',
  }),
  attributes: Type.Array(attribute, { default: [], description: 'What is written. Needed unless there is a prefix.' }),
  prefix: Type.Optional(
    Type.String({
      description: 'Writes all columns or fields, each as an attribute whose name begins so; may be empty.',
    }),
  ),
  overwrite: Type.Boolean({ default: true, description: 'Whether attributes that are there already are replaced.' }),
  on_miss: Type.Enum(['keep', 'tag', 'drop'], {
    default: 'keep',
    description: 'What becomes of an item whose key is not found: it stays, gets the attribute `tag`, or is dropped.',
  }),
  tag: Type.String({
    default: 'lookup.miss',
    minLength: 1,
    description: 'on_miss: tag: the attribute that is set to true.',
  }),
});

export const lookupSettings = Type.Object({
  source: sourceSettings,
  lookups: Type.Array(lookup, { minItems: 1, description: 'What is looked up, one after the other.' }),
  on_error: Type.Enum(['keep', 'refuse'], {
    default: 'keep',
    description:
      'What becomes of items whose key the source could not be asked for: they stay as they are, or the batch is refused for now, so that its sender tries again.',
  }),
  max_waiting_batches: Type.Integer({
    default: 256,
    minimum: 1,
    description: 'Batches that wait for answers at once; more are refused for now.',
  }),
});

export type LookupSettings = Static<typeof lookupSettings>;
export type SourceSettings = LookupSettings['source'];
export type LookupRule = LookupSettings['lookups'][number];
