import { ConfigErrors } from '@millrace/config';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSuite } from './read-suite.ts';

/** What is said about a file of tests. */
async function complaintsAbout(text: string): Promise<string[]> {
  const read = readSuite('shop.test.yaml', () => Promise.resolve(text));
  const error = await read.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConfigErrors);
  return (error as ConfigErrors).format().split('\n');
}

const CONFIG = 'config: shop.yaml\n';

test.each([
  ['tests', '5', ['1:1  must be a map with "tests", got the number 5']],
  ['no tests', CONFIG, ['1:1  "tests" is missing  write "tests:" with a list below it']],
  ['no YAML', 'tests: [', ['1:8  a "[" above is not closed']],
  ['an unknown key', `${CONFIG}test: []\ntests: []`, ['2:1  the key "test" is not known  did you mean "tests"?']],
  [
    'a test without a name',
    `${CONFIG}tests:\n  - expect: {}`,
    ['3:5  "name" is missing  say what the test guarantees'],
  ],
  [
    'nothing expected',
    `${CONFIG}tests:\n  - name: a\n    input: { logs: [{ body: x }] }`,
    ['3:5  the test expects nothing  add "expect:"'],
  ],
  [
    'steps and an input',
    `${CONFIG}tests:\n  - name: a\n    input: { logs: [] }\n    steps: [{ expect: {} }]`,
    ['5:12  a test has either "steps" or "input"  move it into a step'],
  ],
  [
    'fields that do not exist, values that do not fit',
    `${CONFIG}tests:
  - name: a
    input:
      logs: [{ boby: x }, { severity: LOUD }, { trace_id: xyz }, { time: yesterday }, 5]
      traces: [{ duration: 5 }, { events: [{ nam: x }] }, { kind: sever }]
      metrics: [{ bounds: 1 }, { count: 1.5 }]
    expect: { out: { count: -1, evry: 'true' } }`,
    [
      '5:16  the field "boby" is not known  did you mean "body"?',
      '5:39  must be TRACE, DEBUG',
      '5:59  must be at most 32 hexadecimal digits, got the text "xyz"',
      '5:74  must be a time such as 2026-01-01T00:00:00.5Z, got the text "yesterday"',
      '5:87  must be a record: a map of its fields, got the number 5',
      '6:28  must be a duration such as 250ms, got the number 5',
      '6:46  the field "nam" is not known  did you mean "name"?',
      '6:67  must be one of internal, server, client, producer, consumer, got the text "sever"',
      '7:27  must be a list; each: a number, got the number 1',
      '7:41  must be a whole number, got the number 1.5',
      '8:29  must be a whole number, got the number -1',
      '8:33  the key "evry" is not known  did you mean "every"?',
    ],
  ],
  [
    'conditions that are none',
    `${CONFIG}tests:\n  - name: a\n    pipeline: logs\n    expect: { every: 'attributes["a"] = 1' }`,
    ['5:22  at column 17: one "=" compares nothing'],
  ],
  [
    'names that are there twice',
    `${CONFIG}tests: [{ name: a, expect: {} }, { name: a, expect: {} }]`,
    ['1:1  2 tests have the name "a" (shop.test.yaml:2:9, shop.test.yaml:2:34)  rename one of them'],
  ],
  [
    'OTLP/JSON that is none',
    `${CONFIG}tests: [{ name: a, expect: {}, input: { otlp: { resourceLog: [] } } }]`,
    ['2:47  it is no OTLP export request: it has none of resourceLogs'],
  ],
  [
    'answers, exporters, durations',
    `${CONFIG}tests:\n  - name: a\n    advance: soon\n    exporters: { out: sulks }\n    input: { logs: [], answer: maybe }\n    expect: {}`,
    [
      '4:14  must be a duration such as 10s, got the text "soon"',
      '5:23  must be one of accepts, refuses, unavailable, got the text "sulks"',
      '6:32  must be one of accepted, refused, waiting, got the text "maybe"',
    ],
  ],
])('%s: said with their places', async (_what, text, expected) => {
  const complaints = await complaintsAbout(text);
  const starts = expected.map((start) => `shop.test.yaml:${start}`);
  // Some lines go on with lists of what is known.
  expect(complaints.map((line, index) => line.slice(0, starts[index]?.length))).toEqual(starts);
});

test('without "config", the configuration beside the file is meant, and said to be missing', async () => {
  expect(await complaintsAbout('tests: []')).toEqual([
    'shop.test.yaml:1:1  "config" is missing  name the configuration under test: there is no shop.yaml beside this file',
  ]);
});

test('a file that cannot be read is said to be', async () => {
  await expect(readSuite('nowhere/shop.test.yaml')).rejects.toThrow('there is no such file');
});

test('whatever stands in a file, it is read or its errors are said', async () => {
  const sample = `config: shop.yaml
env: { A: b }
tests:
  - name: all
    steps:
      - exporters: { out: refuses }
        input:
          - { logs: [&log { body: a, severity: INFO, attributes: { n: 1 } }], answer: { refused: { code: X } } }
          - { traces: [{ name: b, duration: 5ms, events: [{ name: c }] }], context: { metadata: { k: [v] } } }
          - { metrics: [{ name: m, bounds: [1.5], quantiles: [{ quantile: 0.5 }], positive: { offset: 1, counts: [1] } }] }
          - { otlp: { resourceLogs: [] } }
        advance: 5s
        expect: { out: { exact: [*log], count: 1, every: [body == "a"] } }
`;
  const pieces = ['', '[', '{ ', '- ', ': ', '\n', '5', 'null', '*log', "'", '[]', '{}', 'name: ', '\u0000', '!!str '];
  await fc.assert(
    fc.asyncProperty(fc.nat(sample.length), fc.nat(12), fc.constantFrom(...pieces), async (at, removed, piece) => {
      const text = sample.slice(0, at) + piece + sample.slice(at + removed);
      const error = await readSuite('shop.test.yaml', () => Promise.resolve(text)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined) expect(error).toBeInstanceOf(ConfigErrors);
    }),
    { numRuns: 200 },
  );
});
