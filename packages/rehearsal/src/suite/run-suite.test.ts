import { expect, test } from 'vitest';
import { registry } from '../testing/loaded.ts';
import { readSuite } from './read-suite.ts';
import { runSuite } from './run-suite.ts';

const CONFIG = `
receivers:
  otlp: { protocols: { http: } }
processors:
  filter: { logs: { log_record: ['severity_number < SEVERITY_NUMBER_INFO'] } }
  transform: { error_mode: propagate, log_statements: ['set(log.attributes["n"], Int(log.body))'] }
  rate_limit: { limit: 1, burst: 2, excess: refuse }
  batch: { timeout: 5s }
exporters:
  file/a: { path: data/a.jsonl, fsync: true }
  file/b: { path: data/b.jsonl }
service:
  pipelines:
    logs: { receivers: [otlp], processors: [filter, batch], exporters: [file/a] }
    logs/numbers: { receivers: [otlp], processors: [transform], exporters: [file/b] }
`;

const same = (text: string): string => text;
const PLAIN = { dim: same, green: same, red: same, yellow: same };

/** Runs tests on that configuration; for each its failures, in lines. */
async function run(tests: string, only?: (name: string) => boolean): Promise<Record<string, readonly string[]>> {
  const file = `config: shop.yaml\noverrides:\n${CONFIG.replaceAll('\n', '\n  ')}\ntests:\n${tests}`;
  const read = (path: string) => Promise.resolve(path.endsWith('shop.yaml') ? '{}' : file);
  const suite = await readSuite('shop.test.yaml', read);
  // The overrides say everything.
  const results = await runSuite({ ...suite, configs: [] }, { registry, ...(only === undefined ? {} : { only }) });
  const lines = results.map(({ name, state, failures }) => [
    name,
    state === 'skipped'
      ? ['skipped']
      : failures.flatMap(({ message, details }) => [message, ...details(PLAIN).map((line) => `  ${line}`)]),
  ]);
  return Object.fromEntries(lines) as Record<string, readonly string[]>;
}

test('what is as expected passes: exact, subsets, counts, conditions, in any step', async () => {
  const results = await run(`
  - name: short
    pipeline: logs
    input: { logs: [{ body: a, severity: INFO, attributes: { n: 1 } }, { body: b, severity: DEBUG }] }
    advance: 5s
    expect:
      exact: [{ body: a, severity: INFO, attributes: { n: 1 } }]
      subset: [{ attributes: { n: 1, m: null } }]
      count: 1
      every: severity_number == SEVERITY_NUMBER_INFO
      any: body == "a"
      none: [body == "b", body == "c"]
  - name: steps
    steps:
      - { input: { logs: [{ body: '1' }] }, expect: { file/a: [], file/b: [{ body: '1', attributes: { n: 1 } }] } }
      - { advance: 4999ms, expect: { file/a: [], file/b: [] } }
      - { advance: 1ms, expect: { file/a: [] } }
`);
  // Without a severity it is less than INFO.
  expect(results).toEqual({ short: [], steps: [] });
});

test('what is different is said field by field; records are compared with those that are most like them', async () => {
  const results = await run(`
  - name: fields
    component: filter
    input: { logs: [{ body: a, severity: INFO, attributes: { x: 1, y: 2.0 } }, { body: b, severity: WARN }] }
    expect: [{ body: b, severity: ERROR }, { body: a, severity: INFO, attributes: { x: '1', z: 3 } }]
  - name: missing and unexpected
    component: filter
    input: { logs: [{ body: seen, severity: INFO, resource: { service.name: shop } }] }
    expect: [{ event_name: other }, { event_name: another }]
  - name: order
    component: filter
    input: { logs: [{ body: a, severity: INFO }, { body: b, severity: INFO }] }
    expect: [{ body: b, severity: INFO }, { body: a, severity: INFO }]
`);
  expect(results).toEqual({
    fields: [
      '2 records expected, 2 came out',
      '  "b"',
      '    severity  expected "ERROR", got "WARN"',
      '  "a"',
      '    attributes["x"]  expected "1", got 1',
      '    attributes["z"]  expected 3, is not there',
      '    attributes["y"]  got 2.0, which is not expected',
    ],
    'missing and unexpected': [
      '2 records expected, 1 came out',
      '  - { event_name: other }',
      '  - { event_name: another }',
      '  + { body: seen, severity: INFO, time: "2026-01-01T00:00:00Z", resource: { service.name: shop } }',
    ],
    order: ['2 records expected, 2 came out', '  "a"  came as number 1'],
  });
});

test('counts and conditions show what came out instead', async () => {
  const results = await run(`
  - name: conditions
    component: filter
    input: { logs: [{ body: a, severity: INFO }] }
    expect: { count: 2, every: body == "b", any: body == "c", none: body == "a", subset: [{ body: d }] }
`);
  const a = '    - { body: a, severity: INFO, time: "2026-01-01T00:00:00Z" }';
  expect(results).toEqual({
    conditions: [
      '1 of 1 record not found among 1',
      '  "d"',
      '    body  expected "d", got "a"',
      '  came out:',
      a,
      '2 records expected, 1 came out',
      '  came out:',
      a,
      'body == "b" does not hold for every record',
      '  not for:',
      a,
      'body == "c" holds for no record',
      '  came out:',
      a,
      'body == "a" holds for a record',
      '  for:',
      a,
    ],
  });
});

test('an answer is what was expected, or said to be another; refusals that nobody expects fail a test', async () => {
  const results = await run(`
  - name: as expected
    steps:
      - input: { logs: [{ body: '7', severity: INFO }], answer: waiting }
        advance: 4s
      - exporters: { file/b: unavailable }
        input: { logs: [{ body: '2' }], answer: { refused: { retryable: true, code: UNAVAILABLE, message: file/b } } }
        expect: { file/b: { subset: [{ body: '7' }], count: 1 } }
  - name: not as expected
    input: { logs: [{ body: '1' }], answer: { refused: { code: X } } }
  - name: other refusal
    exporters: { file/b: refuses }
    input: { logs: [{ body: '1' }], answer: { refused: { code: X, message: Y, retryable: true } } }
  - name: refused
    component: rate_limit
    input: [{ logs: [{ body: a }, { body: b }] }, { logs: [{ body: c }] }]
    expect: [{ body: a }, { body: b }]
`);
  expect(results).toEqual({
    'as expected': [],
    'not as expected': ['the answer should be "refused", and is "accepted"'],
    'other refusal': [
      'the refusal should have the code X, and has REFUSED ("file/b" refuses what it is given)',
      'the refusal should say "Y", and says ""file/b" refuses what it is given"',
      'the refusal should be for now, and is for good ("file/b" refuses what it is given)',
    ],
    refused: [expect.stringMatching(/^the input was refused: .*for now\)$/)],
  });
});

test('names that the configuration does not have are said, with those that it has', async () => {
  const results = await run(`
  - { name: pipeline, pipeline: logs/number, expect: [] }
  - { name: component, component: filtr, expect: [] }
  - { name: output, expect: { file/c: [] } }
  - { name: receiver, input: { receiver: udp, logs: [] }, expect: {} }
  - { name: number, input: { logs: [{ flags: -1 }] }, expect: {} }
  - { name: signal, input: { metrics: [{ name: a, value: 1 }] }, expect: {} }
  - { name: named, pipeline: logs, expect: { file/a: [] } }
  - { name: exporter, exporters: { file/x: refuses }, expect: {} }
`);
  expect(results).toEqual({
    pipeline: ['the configuration has no pipeline "logs/number"; did you mean "logs/numbers"?'],
    component: ['the configuration has no processor or connector "filtr"; did you mean "filter"?'],
    output: ['nothing comes out at "file/c"; there are file/a, file/b'],
    receiver: ['no pipeline uses a receiver "udp"'],
    number: [expect.stringMatching(/^the input does not fit into OTLP: .*flags/)],
    signal: ['no pipeline of the configuration takes metrics'],
    named: [
      'nothing comes out at "file/a"; a pipeline under test has one way out: write what is expected without a name',
    ],
    exporter: ['nothing comes out at "file/x"; there are file/a, file/b'],
  });
});

test('of a failed test it is said how far things came', async () => {
  const file = `overrides:${CONFIG.replaceAll('\n', '\n  ')}\nconfig: shop.yaml\ntests:
  - name: lost
    input: { logs: [{ body: '1', severity: INFO }, { body: '2', severity: DEBUG }] }
    expect: { file/a: { count: 1 } }
`;
  const suite = await readSuite('shop.test.yaml', () => Promise.resolve(file));
  const [{ way }] = await runSuite({ ...suite, configs: [] }, { registry });
  // At the end everything is passed on.
  expect(way).toEqual(['logs  2 → filter 1 → batch 1', 'logs/numbers  2 → transform 2']);
});

test('tests that are not asked for are skipped', async () => {
  const tests = `
  - { name: one, expect: { file/a: [] } }
  - { name: two, expect: { file/a: [] } }
`;
  expect(await run(tests, (name) => name === 'two')).toEqual({ one: ['skipped'], two: [] });
});

test('spans, data points and OTLP/JSON come back as they were written', async () => {
  const results = await run(`
  - name: all
    pipeline: logs/numbers
    input: { otlp: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: '5' } }] }] }] } }
    expect: { exact: { otlp: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: '5' }, attributes: [{ key: n, value: { intValue: 5 } }] }] }] }] } } }
`);
  expect(results).toEqual({ all: [] });
});
