import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf, ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';

const config = (exporter: string, wait = '10s') =>
  [
    'receivers: { test/in: }',
    'exporters: { test/a: { guarantee: memory }, test/b: { guarantee: memory } }',
    `processors: { tail_sampling: { decision_wait: ${wait}, policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }] } }`,
    `service: { pipelines: { traces: { receivers: [test/in], processors: [tail_sampling], exporters: [${exporter}] } } }`,
  ].join('\n');

const span = (trace: number, name: string, code = 0) => ({
  traceId: String(trace).padStart(32, '0'),
  spanId: '00000000000000aa',
  name,
  status: { code },
});

const spans = (...list: object[]) =>
  jsonToProto('traces', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: list }] }] }));

async function running() {
  const clock = new ManualClock();
  const collector = await collectorOf(config('test/a'), { clock, plugins: [new URL('./index.ts', import.meta.url)] });
  const names = (exporter: string) =>
    collector
      .out(exporter)
      .accepted.flatMap(({ bytes }) => {
        const json = Buffer.from(protoToJson('traces', bytes)).toString();
        return [...json.matchAll(/"name":"(\w+)"/g)].map(([, name]) => name);
      })
      .toSorted();
  return { clock, collector, names };
}

test('over a reload that leaves it as it is, traces are put together of spans from before and after', async () => {
  const { clock, collector, names } = await running();
  await collector.in().send('traces', spans(span(1, 'root'), span(2, 'fine')));
  const { kept } = await collector.reload(config('test/b'));
  expect(kept).toBe(2);
  await collector.in().send('traces', spans(span(1, 'child', 2)));
  await clock.advance(10_000);
  // Decided already: the decision is remembered, too.
  await collector.reload(config('test/a'));
  await collector.in().send('traces', spans(span(1, 'late'), span(2, 'later')));
  await collector.shutdown();
  expect(names('test/b')).toEqual(['child', 'root']);
  expect(names('test/a')).toEqual(['late']);
});

test('a reload that changes it decides on what it held', async () => {
  const { collector, names } = await running();
  await collector.in().send('traces', spans(span(1, 'bad', 2), span(2, 'fine')));
  await collector.reload(config('test/a', '20s'));
  await expect.poll(() => names('test/a')).toEqual(['bad']);
  await collector.shutdown();
});
