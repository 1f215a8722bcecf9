import { describeConformance } from '@millrace/testkit';

const RULE = '{ key: \'attributes["no.such"]\', attributes: [{ destination: x }] }';

describeConformance(new URL('./index.ts', import.meta.url), {
  configs: [`lookup/drop: { lookups: [{ key: 'resource.attributes["service.name"]', on_miss: drop }] }`],
  untouched: [
    `lookup/noop: { lookups: [${RULE}] }`,
    `lookup/inline: { source: { type: inline, table: { a: b } }, lookups: [${RULE}] }`,
  ],
  failing: [
    `lookup/csv: { source: { type: csv, path: /no/such/file.csv, key_column: a }, lookups: [${RULE}] }`,
    `lookup/sqlite: { source: { type: sqlite, path: /no/such/file.db, query: 'select ?' }, lookups: [${RULE}] }`,
  ],
});
