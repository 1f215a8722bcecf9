import { expect, test } from 'vitest';
import { jsonToProto } from '@millrace/otlp';
import { diffLines } from './diff-text.ts';
import { diffRecords } from './record-diff.ts';
import { recordText } from './record-text.ts';
import { readRecords } from './telemetry-record.ts';

const plain = { dim: same, green: same, red: same, yellow: same };

function same(text: string): string {
  return text;
}

type Attributes = Readonly<Record<string, unknown>>;

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: String(value) } }));
}

function logs(...records: readonly { body: string; attributes?: Attributes; severity?: number }[]) {
  const logRecords = records.map(({ body, attributes = {}, severity = 9 }) => ({
    timeUnixNano: '1767225600000000000',
    severityNumber: severity,
    body: { stringValue: body },
    attributes: keyValues(attributes),
  }));
  const resource = { attributes: keyValues({ 'service.name': 'shop' }) };
  const request = { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'web' }, logRecords }] }] };
  return readRecords('logs', [jsonToProto('logs', JSON.stringify(request))]);
}

function spans(...names: readonly [id: string, name: string][]) {
  const list = names.map(([id, name]) => ({
    name,
    traceId: '1'.padStart(32, '0'),
    spanId: id.padStart(16, '0'),
    kind: 2,
    status: { code: 2, message: 'boom' },
    events: [{ name: 'cache.miss', attributes: keyValues({ key: 'k' }) }],
  }));
  const request = { resourceSpans: [{ scopeSpans: [{ spans: list }] }] };
  return readRecords('traces', [jsonToProto('traces', JSON.stringify(request))]);
}

function lines(before: ReturnType<typeof logs>, after: ReturnType<typeof logs>): string[] {
  return diffLines(diffRecords(before, after), { before, after }, plain);
}

test('changed, added and removed fields are told apart, unchanged records only counted', () => {
  const before = logs({ body: 'a', attributes: { 'url.path': '/1', gone: 'x' } }, { body: 'b' });
  const after = logs({ body: 'a', attributes: { 'url.path': '/{id}', fresh: 'y' }, severity: 13 }, { body: 'b' });
  expect(lines(before, after)).toEqual([
    '  "a"',
    '    ~ severity  "INFO" → "WARN"',
    '    ~ attributes["url.path"]  "/1" → "/{id}"',
    '    - attributes["gone"]  "x"',
    '    + attributes["fresh"]  "y"',
    '  1 unchanged',
  ]);
});

test('a record that was dropped is not taken for a change of its neighbour', () => {
  const before = logs({ body: 'a', attributes: { n: 1 } }, { body: 'b', attributes: { n: 2 } }, { body: 'c' });
  const after = logs({ body: 'b', attributes: { n: 2, slow: true } }, { body: 'c' });
  expect(lines(before, after)).toEqual(['- "a"', '  "b"', '    + attributes["slow"]  "true"', '  1 unchanged']);
});

test('spans are matched by their ids, wherever they stand and however they change', () => {
  const changes = diffRecords(spans(['a', 'GET /'], ['b', 'PUT /']), spans(['b', 'renamed'], ['a', 'GET /']));
  expect(changes).toEqual([
    { kind: 'unchanged', before: 0, after: 1 },
    { kind: 'changed', before: 1, after: 0, changes: [{ path: 'name', before: 'PUT /', after: 'renamed' }] },
  ]);
});

test('data points show their value as whole or not, with their metric', () => {
  const point = (value: object) => ({ gauge: { dataPoints: [{ ...value, timeUnixNano: '1' }] } });
  const metric = (value: object) => ({ name: 'load', unit: '1', ...point(value) });
  const read = (value: object) => {
    const request = { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric(value)] }] }] };
    return readRecords('metrics', [jsonToProto('metrics', JSON.stringify(request))]);
  };
  const [before, after] = [read({ asInt: '5' }), read({ asDouble: 5 })];
  expect(diffLines(diffRecords(before, after), { before, after }, plain)).toEqual(['  "load"', '    ~ value  5 → 5.0']);
});

test('a record is written as YAML, long ones over several lines', () => {
  const [record] = logs({ body: 'GET /items/42: "ok"', attributes: { yes: 'no', 'url.path': '/items/42' } });
  expect(recordText(record)).toBe(`- body: "GET /items/42: \\"ok\\""
  severity: INFO
  attributes: { "yes": "no", url.path: /items/42 }
  time: "2026-01-01T00:00:00Z"
  resource: { service.name: shop }
  scope: web
`);
});

test('text from outside cannot command the terminal', () => {
  const [record] = logs({ body: '\u001B[31mred\u0085\u202E' });
  expect(recordText(record)).toContain('body: "\\u001b[31mred\\u0085\\u202e"');
});
