import { expect, test } from 'vitest';
import { collectorWith } from './testing/pass.ts';

async function problemsOf(entry: string, signals: Parameters<typeof collectorWith>[1] = ['logs']): Promise<string> {
  try {
    await using _ = await collectorWith(entry, signals);
    return '';
  } catch (error) {
    return String(error);
  }
}

const ACTION = 'actions: [{ key: a, action: delete }]';

/** By the Collector's rules, each is wrong. */
test.each([
  ['{}', 'actions'],
  ['{ actions: [] }', 'actions'],
  ['{ actions: [{ key: a, action: drop }] }', '"drop" is no action'],
  ['{ actions: [{ value: 1, action: insert }] }', 'insert needs a key'],
  ['{ actions: [{ key: a, action: insert }] }', 'insert needs a value'],
  ['{ actions: [{ key: a, value: null, action: insert }] }', 'insert needs a value'],
  ['{ actions: [{ key: a, value: 1, from_attribute: b, action: insert }] }', 'has value and from_attribute'],
  ['{ actions: [{ key: a, value: 1, pattern: b, action: update }] }', 'update does not use pattern'],
  ['{ actions: [{ key: a, value: 1, converted_type: int, action: upsert }] }', 'upsert does not use converted_type'],
  ['{ actions: [{ key: a, value: 18446744073709551616, action: upsert }] }', 'does not fit into 64 bits'],
  ['{ actions: [{ action: delete }] }', 'delete needs a key or a pattern'],
  ['{ actions: [{ action: hash }] }', 'hash needs a key or a pattern'],
  ['{ actions: [{ key: a, value: 1, action: delete }] }', 'delete does not use value'],
  ['{ actions: [{ key: a, from_attribute: b, action: hash }] }', 'hash does not use from_attribute'],
  ['{ actions: [{ pattern: "a(", action: delete }] }', 'is not a regular expression in RE2 syntax'],
  ['{ actions: [{ key: a, action: extract }] }', 'extract needs a pattern'],
  ['{ actions: [{ key: a, pattern: abc, action: extract }] }', 'has no named group'],
  ['{ actions: [{ key: a, pattern: "(?P<x>a)(b)", action: extract }] }', 'has a group without a name'],
  ['{ actions: [{ key: a, pattern: "(?=a)", action: extract }] }', 'unsupported Perl syntax'],
  ['{ actions: [{ key: a, value: 1, pattern: "(?P<x>a)", action: extract }] }', 'extract does not use value'],
  ['{ actions: [{ key: a, action: convert }] }', 'convert needs a converted_type'],
  ['{ actions: [{ key: a, converted_type: bool, action: convert }] }', '"bool" is no type'],
  [
    '{ actions: [{ key: a, converted_type: int, from_context: x, action: convert }] }',
    'convert does not use from_context',
  ],
  [`{ include: { match_type: strict }, ${ACTION} }`, 'include  matches against nothing'],
  [`{ include: { match_type: strict, log_bodies: [a], span_names: [b] }, ${ACTION} }`, 'no signal has both'],
  [
    `{ include: { match_type: strict, log_bodies: [a] }, exclude: { match_type: strict, span_names: [b] }, ${ACTION} }`,
    'no signal in common',
  ],
  [`{ include: { log_bodies: [a] }, ${ACTION} }`, 'there is no match_type'],
  [`{ include: { match_type: glob, log_bodies: [a] }, ${ACTION} }`, 'match_type'],
  [`{ include: { match_type: regexp, log_bodies: ["["] }, ${ACTION} }`, 'is not a regular expression in RE2 syntax'],
  [
    `{ include: { match_type: regexp, attributes: [{ key: a, value: 1 }] }, ${ACTION} }`,
    'must be text for match_type regexp',
  ],
  [`{ include: { match_type: strict, attributes: [{ key: "" }] }, ${ACTION} }`, 'is empty'],
  [`{ include: { match_type: strict, span_kinds: [server] }, ${ACTION} }`, '"server" is no span kind'],
])('refuses %s', async (settings, problem) => {
  expect(await problemsOf(`attributes: ${settings}`)).toContain(problem);
});

test.each([
  ['log_bodies: [a]', ['traces'], 'does not work on traces'],
  ['log_bodies: [a]', ['logs'], ''],
  ['span_names: [a]', ['logs'], 'does not work on logs'],
  ['span_names: [a]', ['traces'], ''],
  ['metric_names: [a]', ['traces'], 'does not work on traces'],
  ['metric_names: [a]', ['metrics'], ''],
  ['attributes: [{ key: a }]', ['metrics'], 'does not work on metrics'],
  ['attributes: [{ key: a }]', ['logs', 'traces'], ''],
  ['resources: [{ key: a }]', ['logs', 'traces', 'metrics'], ''],
] as const)('with %s, pipelines of %s: %s', async (criteria, signals, problem) => {
  const problems = await problemsOf(`attributes: { include: { match_type: strict, ${criteria} }, ${ACTION} }`, signals);
  if (problem === '') expect(problems).toBe('');
  else expect(problems).toContain(problem);
});
