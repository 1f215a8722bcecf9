import { describeConformance } from '@millrace/testkit';

const NOWHERE = 'no.such.attribute';
const NOTHING = [
  `{ key: ${NOWHERE}, action: delete }`,
  `{ pattern: "^no\\\\.such", action: delete }`,
  `{ pattern: "^no\\\\.such", action: hash }`,
  `{ key: ${NOWHERE}, value: 1, action: update }`,
  `{ key: b, from_attribute: ${NOWHERE}, action: upsert }`,
  `{ key: ${NOWHERE}, action: hash }`,
  `{ key: ${NOWHERE}, pattern: "(?P<b>.*)", action: extract }`,
  `{ key: ${NOWHERE}, converted_type: string, action: convert }`,
].join(', ');
const INSERT = 'actions: [{ key: b, value: 1, action: insert }]';

describeConformance(new URL('./index.ts', import.meta.url), {
  untouched: [
    `attributes/nothing: { actions: [${NOTHING}] }`,
    `attributes/include: { include: { match_type: strict, resources: [{ key: ${NOWHERE} }] }, ${INSERT} }`,
    `attributes/exclude: { exclude: { match_type: regexp, resources: [{ key: service.name, value: "" }] }, include: { match_type: strict, resources: [{ key: service.name }] }, ${INSERT} }`,
  ],
});
