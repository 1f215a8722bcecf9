import { fileURLToPath } from 'node:url';
import { describeConformance } from '@millrace/testkit';

const RULE = '{ key: \'attributes["no.such"]\', attributes: [{ destination: x }] }';

/** A file, but not of these formats. */
const NO_TABLE = fileURLToPath(import.meta.url);

describeConformance(new URL('./index.ts', import.meta.url), {
  configs: [`lookup/drop: { lookups: [{ key: 'resource.attributes["service.name"]', on_miss: drop }] }`],
  untouched: [
    `lookup/noop: { lookups: [${RULE}] }`,
    `lookup/inline: { source: { type: inline, table: { a: b } }, lookups: [${RULE}] }`,
  ],
  failing: [
    `lookup/json: { source: { type: json, path: ${NO_TABLE} }, lookups: [${RULE}] }`,
    `lookup/sqlite: { source: { type: sqlite, path: ${NO_TABLE}, query: 'select ?' }, lookups: [${RULE}] }`,
  ],
});
