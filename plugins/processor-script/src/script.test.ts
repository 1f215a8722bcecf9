import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Signal } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf, type TestCollector } from '@millrace/testkit';
import { expect, test } from 'vitest';

const PLUGIN = new URL('./index.ts', import.meta.url);

function run(settings: object, options: { signal?: Signal; threads?: number; workers?: object } = {}) {
  const config = {
    receivers: { 'test/in': null },
    processors: { script: settings },
    exporters: { 'test/out': null },
    service: {
      ...(options.workers === undefined ? {} : { workers: options.workers }),
      pipelines: {
        [options.signal ?? 'logs']: { receivers: ['test/in'], processors: ['script'], exporters: ['test/out'] },
      },
    },
  };
  return collectorOf(JSON.stringify(config), { plugins: [PLUGIN], threads: options.threads ?? 0 });
}

const bodies = (...texts: readonly string[]) =>
  jsonToProto(
    'logs',
    JSON.stringify({
      resourceLogs: [
        { scopeLogs: [{ logRecords: texts.map((stringValue) => ({ severityNumber: 9, body: { stringValue } })) }] },
      ],
    }),
  );

function arrived(collector: TestCollector, signal: Signal): string {
  const { accepted } = collector.out();
  return accepted.map(({ bytes }) => Buffer.from(protoToJson(signal, bytes)).toString()).join('\n');
}

function bodiesIn(collector: TestCollector): string[] {
  return [...arrived(collector, 'logs').matchAll(/"body":\{"stringValue":"([^"]*)"/g)].map(([, body]) => body);
}

test.each([0, 1])('a function sees each record, and drops it by returning false (%d workers)', async (threads) => {
  const code = `
    interface Counted { readonly n: number }
    let seen: Counted = { n: 0 };
    export const log = (record: { body: unknown; attributes: any; severityNumber: number }): false | void => {
      seen = { n: seen.n + 1 };
      if (record.body === 'b') return false;
      record.attributes.set('n', seen.n);
      record.severityNumber = 17;
    };`;
  await using collector = await run({ code }, { threads });
  await collector.in().send('logs', bodies('a', 'b', 'c'));
  expect(bodiesIn(collector)).toEqual(['a', 'c']);
  expect(arrived(collector, 'logs')).toContain('{"key":"n","value":{"intValue":"3"}}');
  expect(arrived(collector, 'logs').match(/"severityNumber":17/g)).toHaveLength(2);
});

test('bodies of functions are given in a few words, with types', async () => {
  await using collector = await run({ log: 'const text = record.body as string; return text !== "b"' });
  await collector.in().send('logs', bodies('a', 'b'));
  expect(bodiesIn(collector)).toEqual(['a']);
});

test('spans, points and whole batches are for scripts, too', async () => {
  const spans = jsonToProto(
    'traces',
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'GET /1' }, { name: 'drop' }] }] }] }),
  );
  await using traces = await run(
    { code: 'function span(s) { if (s.name === "drop") return false; s.name = "GET /{id}"; }' },
    { signal: 'traces' },
  );
  await traces.in().send('traces', spans);
  expect(arrived(traces, 'traces').match(/"name":"[^"]*"/g)).toEqual(['"name":"GET /{id}"']);

  const gauges = jsonToProto(
    'metrics',
    JSON.stringify({
      resourceMetrics: [
        { scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ asInt: '1' }, { asInt: '2' }] } }] }] },
      ],
    }),
  );
  await using metrics = await run(
    {
      code: 'function metrics(batch) { for (const m of batch.metrics) m.unit = "By"; }',
      point: 'return point.value !== 1',
    },
    { signal: 'metrics' },
  );
  await metrics.in().send('metrics', gauges);
  expect(arrived(metrics, 'metrics')).toContain('"unit":"By"');
  expect(arrived(metrics, 'metrics').match(/"asInt":"\d"/g)).toEqual(['"asInt":"2"']);
});

test('scripts count, log and write numbers of the kind that they want', async () => {
  const code = `
    const KEY = key('d');
    function log(record) {
      record.attributes.set(KEY, double(2));
      tools.count('processor_script_seen', 1);
      tools.logger.info('seen', { at: String(tools.nowUnixNano() > 0n) });
    }`;
  await using collector = await run({ code });
  await collector.in().send('logs', bodies('a'));
  expect(arrived(collector, 'logs')).toContain('{"doubleValue":2}');
  expect(collector.logger.lines).toContainEqual(expect.objectContaining({ message: 'seen' }));
});

test('two scripts do not see each other, and leave nothing behind in the worker', async () => {
  const before = Reflect.ownKeys(globalThis).filter((name) => typeof name === 'string');
  await using first = await run({ code: 'const shared = 1; function log(r) { r.attributes.set("first", shared); }' });
  await using second = await run({ code: 'const shared = 2; function log(r) { r.attributes.set("second", shared); }' });
  await first.in().send('logs', bodies('a'));
  await second.in().send('logs', bodies('a'));
  expect(arrived(first, 'logs')).toContain('"first"');
  expect(arrived(second, 'logs')).toContain('{"key":"second","value":{"intValue":"2"}}');
  expect(Reflect.ownKeys(globalThis).filter((name) => typeof name === 'string')).toEqual(before);
});

test('a script stands in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-script-'));
  try {
    const file = join(folder, 'drop.ts');
    await writeFile(
      file,
      'export function log(record: { body: unknown }): boolean {\n  return record.body !== "b";\n}\n',
    );
    await using collector = await run({ file });
    await collector.in().send('logs', bodies('a', 'b'));
    expect(bodiesIn(collector)).toEqual(['a']);
    await writeFile(file, 'function log(record) {\n  return record.nope.x;\n}\n');
    await using failing = await run({ file, error_mode: 'propagate' });
    await expect(failing.in().send('logs', bodies('a'))).rejects.toThrow(`${file}:2:22: TypeError`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

const THROWS = `function log(record) {
  if (record.body === 'bad') throw new RangeError('no ' + record.body);
  record.attributes.set('seen', true);
}`;

test('ignore goes on with the next record, and tells once where it failed', async () => {
  await using collector = await run({ code: THROWS });
  await collector.in().send('logs', bodies('bad', 'a', 'bad', 'b'));
  expect(bodiesIn(collector)).toEqual(['bad', 'a', 'bad', 'b']);
  expect(arrived(collector, 'logs').match(/"seen"/g)).toHaveLength(2);
  const warnings = collector.logger.lines.filter(({ level }) => level === 'warn');
  expect(warnings).toMatchObject([{ fields: { failures: 2 } }]);
  expect(warnings[0].fields['error']).toBe(
    [
      'code:2:36: RangeError: no bad',
      "   2 |   if (record.body === 'bad') throw new RangeError('no ' + record.body);",
      '     |                                    ^',
    ].join('\n'),
  );
});

test('silent goes on and tells nothing', async () => {
  await using collector = await run({ code: THROWS, error_mode: 'silent' });
  await collector.in().send('logs', bodies('bad', 'a'));
  expect(arrived(collector, 'logs').match(/"seen"/g)).toHaveLength(1);
  expect(collector.logger.messages('warn')).toEqual([]);
});

test.each([0, 1])('propagate refuses the record for good, and loses no other (%d workers)', async (threads) => {
  await using collector = await run({ code: THROWS, error_mode: 'propagate' }, { threads });
  const sent = collector.in().send('logs', bodies('a', 'bad', 'b'));
  await expect(sent).rejects.toMatchObject({ code: 'SCRIPT_FAILED', retryable: false, failedItems: 1 });
  await expect(sent).rejects.toThrow('code:2:36: RangeError: no bad');
  expect(bodiesIn(collector)).toEqual(['a', 'b']);
});

test('what is thrown need not be an error', async () => {
  await using collector = await run({ log: 'throw { toString() { throw 1 } }', error_mode: 'propagate' });
  await expect(collector.in().send('logs', bodies('a'))).rejects.toThrow('log: threw object');
});

test.each([0, 1])('a record on which the script loops is refused, and no other (%d workers)', async (threads) => {
  const code = 'function log(record) { try { while (record.body === "loop"); } catch { return false; } }';
  await using collector = await run({ code, deadline: '300ms' }, { threads });
  const sent = collector.in().send('logs', bodies('a', 'b', 'loop', 'c', 'd'));
  await expect(sent).rejects.toMatchObject({ code: 'SCRIPT_DEADLINE', retryable: false, failedItems: 1 });
  expect(bodiesIn(collector)).toEqual(['a', 'b', 'c', 'd']);
  await collector.in().send('logs', bodies('after'));
  expect(bodiesIn(collector).at(-1)).toBe('after');
});

test("without a deadline of its own, the pool's ends it, and other records arrive", async () => {
  const settings = { code: 'function log(record) { while (record.body === "loop"); }', deadline: '0' };
  await using collector = await run(settings, { workers: { threads: 1, deadline: '200ms' } });
  await expect(collector.in().send('logs', bodies('a', 'loop', 'b'))).rejects.toMatchObject({ failedItems: 1 });
  expect(bodiesIn(collector)).toEqual(['a', 'b']);
});
