import type { ResolvedConfig } from '@millrace/config';
import { expect, test } from 'vitest';
import { Rehearsal } from '../rehearsal.ts';
import { PayloadWriter } from '../payload/payload-writer.ts';
import { loaded } from '../testing/loaded.ts';
import { explain } from './explain.ts';
import type { Explanation } from './explanation.ts';
import { type Sighting, withObservers } from '../observers.ts';
import { readInput } from './read-input.ts';

const CONFIG = `
receivers:
  otlp: { protocols: { http: } }
  otlp/second: { protocols: { http: { endpoint: 'localhost:1' } } }
processors:
  memory_limiter: { check_interval: 1s, limit_mib: 100 }
  transform: { error_mode: propagate, log_statements: ['set(log.attributes["n"], Int(log.body))'] }
  filter: { logs: { log_record: ['body == "2"'] } }
  batch: { timeout: 5s }
exporters:
  file/a: { path: data/a.jsonl }
  debug:
service:
  pipelines:
    logs: { receivers: [otlp], processors: [memory_limiter, transform, filter, batch], exporters: [file/a, debug] }
    logs/second: { receivers: [otlp/second], processors: [filter], exporters: [file/a] }
`;

async function explained(input: string, settings: { receiver?: string; waitMs?: number } = {}): Promise<Explanation> {
  const payloads = await readInput(input, { label: 'input', dir: '.' });
  return explain({ config: await loaded(CONFIG), payloads, waitMs: 60_000, ...settings });
}

test('each step tells what it changed, dropped and held, and the destinations what they get', async () => {
  const { inputs, pipelines } = await explained("logs: [{ body: '1' }, { body: '2' }]");
  expect(inputs).toEqual([{ receiver: 'otlp', signal: 'logs', items: 2, answer: 'accepted', reason: undefined }]);
  const [{ id, receivers, items, steps, destinations }] = pipelines;
  expect({ id, receivers, items, pipelines: pipelines.length }).toEqual({
    id: 'logs',
    receivers: ['otlp'],
    items: 2,
    pipelines: 1,
  });
  const shown = steps.map(({ processor, isGate, changes, itemsBefore, itemsAfter, heldMs }) => ({
    processor,
    isGate,
    kinds: changes.map(({ kind }) => kind),
    items: [itemsBefore, itemsAfter],
    heldMs,
  }));
  expect(shown).toEqual([
    { processor: 'memory_limiter', isGate: true, kinds: ['unchanged', 'unchanged'], items: [2, 2], heldMs: 0 },
    { processor: 'transform', isGate: false, kinds: ['changed', 'changed'], items: [2, 2], heldMs: 0 },
    { processor: 'filter', isGate: false, kinds: ['unchanged', 'dropped'], items: [2, 1], heldMs: 0 },
    { processor: 'batch', isGate: false, kinds: ['unchanged'], items: [1, 1], heldMs: 5_000 },
  ]);
  expect(steps[1].changes[0]).toMatchObject({ changes: [{ path: 'attributes["n"]', before: undefined, after: 1n }] });
  expect(destinations).toMatchObject([
    { kind: 'exporter', id: 'file/a', items: 1, place: 'data/a.jsonl' },
    { kind: 'exporter', id: 'debug', items: 1 },
  ]);
  expect(destinations[0].payload?.text).toMatch(/^\{"resourceLogs":/);
});

test('a refusal is told of the step that refuses, and the rest goes on', async () => {
  const { inputs, pipelines } = await explained("logs: [{ body: no number }, { body: '1' }]");
  expect(inputs[0]).toMatchObject({ answer: 'refused' });
  const [{ steps }] = pipelines;
  expect(steps.map(({ refusal }) => refusal?.includes('cannot make an int'))).toEqual([
    undefined,
    true,
    undefined,
    undefined,
  ]);
  expect(steps[1]).toMatchObject({ itemsBefore: 2, itemsAfter: 1 });
});

test('what is held longer than one waits has not come out', async () => {
  const { pipelines } = await explained("logs: [{ body: '1' }]", { waitMs: 4_999 });
  expect(pipelines[0].steps[3]).toMatchObject({ itemsBefore: 1, itemsAfter: 0, isStateful: true });
  expect(pipelines[0].destinations[0]).toMatchObject({ items: 0 });
});

test('another receiver leads into other pipelines', async () => {
  const { pipelines } = await explained("logs: [{ body: '2' }]", { receiver: 'otlp/second' });
  expect(pipelines.map(({ id, receivers }) => [id, receivers])).toEqual([['logs/second', ['otlp/second']]]);
});

test('whoever looks changes nothing: the same comes out, at the same time', async () => {
  const config = await loaded(CONFIG);
  const [payload] = await readInput("logs: [{ body: '1' }, { body: '2' }, { body: no number }]", {
    label: 'i',
    dir: '.',
  });
  const deliveriesOf = async (watched: ResolvedConfig) => {
    const rehearsal = await Rehearsal.start({ config: watched });
    const request = new PayloadWriter(rehearsal.clock).requestOf(payload);
    for (const receiver of ['otlp', 'otlp/second']) await rehearsal.feed({ receiver, signal: 'logs', request });
    await rehearsal.clock.advance(60_000);
    await rehearsal.stop();
    return rehearsal.take();
  };
  const seen: Sighting[] = [];
  const observed = await deliveriesOf(withObservers(config, (sighting) => seen.push(sighting)));
  expect(observed).toEqual(await deliveriesOf(config));
  expect(observed).not.toEqual([]);
  expect(seen.map(({ pipeline }) => pipeline)).toContain('logs/second');
});

test('OTLP/JSON is taken in whole and line by line', async () => {
  const line = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: '1' } }] }] }] });
  expect((await explained(line)).inputs).toHaveLength(1);
  expect((await explained(`${line}\n${line}\n`)).inputs).toHaveLength(2);
});

test.each([
  ['lags: []', 'input:1:1  the key "lags" is not known  did you mean "logs"?'],
  ['{}', 'input:1:1  there is no telemetry in it  write "logs:"'],
  ['{"resourceLogs": 5}', 'input:1:1  it is no OTLP request: '],
  ['{"resourceLogs": [}', 'input:1:1  it is not valid JSON'],
])('an input that is none: %s', async (text, message) => {
  await expect(readInput(text, { label: 'input', dir: '.' })).rejects.toThrow(message);
});
