import { existsSync } from 'node:fs';
import { jsonToProto } from '@millrace/otlp';
import { readRecords, recordText } from '@millrace/records';
import { afterEach, expect, test } from 'vitest';
import { Rehearsal } from './rehearsal.ts';
import { loaded } from './testing/loaded.ts';

let running: Rehearsal | undefined;

afterEach(async () => running?.stop());

async function rehearse(yaml: string): Promise<Rehearsal> {
  running = await Rehearsal.start({ config: await loaded(yaml) });
  return running;
}

const RECEIVER = `receivers: { otlp: { protocols: { grpc: { endpoint: '127.0.0.1:1' } } } }`;
const OUTSIDE = `
${RECEIVER}
exporters: { file/out: { path: data/never.jsonl, create_directory: true } }
`;

function request(...bodies: string[]): Uint8Array {
  const logRecords = bodies.map((body) => ({ body: { stringValue: body } }));
  return jsonToProto('logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
}

function feed(rehearsal: Rehearsal, ...bodies: string[]) {
  return rehearsal.feed({ receiver: 'otlp', signal: 'logs', request: request(...bodies) });
}

function textsOf(rehearsal: Rehearsal): string[] {
  return rehearsal
    .take()
    .flatMap(({ signal, request: bytes, atMs }) =>
      readRecords(signal, [bytes]).map((record) => `${atMs} ${recordText(record).trim()}`),
    );
}

test('nothing of the outside is touched: no port, no file, no storage directory', async () => {
  const rehearsal = await rehearse(`${OUTSIDE}
extensions:
  health_check: { endpoint: '127.0.0.1:1' }
  file_storage: { directory: data/never-storage, create_directory: true }
service:
  extensions: [health_check, file_storage]
  pipelines: { logs: { receivers: [otlp], exporters: [file/out] } }
`);
  const answer = await feed(rehearsal, 'a');
  expect(answer()).toEqual({ kind: 'accepted', items: 1 });
  expect(textsOf(rehearsal)).toEqual(['0 - { body: a }']);
  await rehearsal.stop();
  expect(existsSync('data/never.jsonl')).toBe(false);
  expect(existsSync('data/never-storage')).toBe(false);
});

test('timers fire when the clock is advanced, and what a sender is told follows', async () => {
  const rehearsal = await rehearse(`${RECEIVER}
processors: { batch: { timeout: 10s } }
exporters: { file/out: { path: data/never.jsonl, fsync: true } }
service: { pipelines: { logs: { receivers: [otlp], processors: [batch], exporters: [file/out] } } }
`);
  const first = await feed(rehearsal, 'a');
  await rehearsal.clock.advance(9_999);
  const second = await feed(rehearsal, 'b');
  expect([first().kind, second().kind, textsOf(rehearsal)]).toEqual(['waiting', 'waiting', []]);
  await rehearsal.clock.advance(1);
  expect([first().kind, second().kind]).toEqual(['accepted', 'accepted']);
  expect(textsOf(rehearsal)).toEqual(['10000 - { body: a }', '10000 - { body: b }']);
});

test('pure steps have the time of the clock', async () => {
  const rehearsal = await rehearse(`${OUTSIDE}
processors: { transform: { log_statements: ['set(log.attributes["now"], FormatTime(Now(), "%Y-%m-%dT%H:%M:%S"))'] } }
service: { pipelines: { logs: { receivers: [otlp], processors: [transform], exporters: [file/out] } } }
`);
  await rehearsal.clock.advance(90_000);
  await feed(rehearsal, 'a');
  expect(textsOf(rehearsal)).toEqual(['90000 - { body: a, attributes: { now: "2026-01-01T00:01:30" } }']);
});

test('how much memory the process uses does not matter', async () => {
  const rehearsal = await rehearse(`${OUTSIDE}
processors: { memory_limiter: { check_interval: 1s, limit_mib: 2, spike_limit_mib: 1 } }
service: { pipelines: { logs: { receivers: [otlp], processors: [memory_limiter], exporters: [file/out] } } }
`);
  await rehearsal.clock.advance(5_000);
  expect((await feed(rehearsal, 'a'))().kind).toBe('accepted');
});

test('an exporter refuses as it is told to, and what failover makes of it can be seen', async () => {
  const rehearsal = await rehearse(`${RECEIVER}
exporters: { file/out: { path: data/never.jsonl }, debug: }
connectors: { failover: { priority_levels: [[logs/first], [logs/second]] } }
service:
  pipelines:
    logs/in: { receivers: [otlp], exporters: [failover] }
    logs/first: { receivers: [failover], exporters: [file/out] }
    logs/second: { receivers: [failover], exporters: [debug] }
`);
  rehearsal.behave('file/out', 'unavailable');
  const answer = await feed(rehearsal, 'a');
  expect(answer().kind).toBe('accepted');
  expect(rehearsal.take().map(({ exporter }) => exporter)).toEqual(['debug']);
});

test('a stop passes on what is held, at the time of the clock', async () => {
  const rehearsal = await rehearse(`${OUTSIDE}
processors: { batch: { timeout: 1h } }
service: { pipelines: { logs: { receivers: [otlp], processors: [batch], exporters: [file/out] } } }
`);
  await feed(rehearsal, 'a');
  await rehearsal.stop();
  expect(textsOf(rehearsal)).toEqual(['0 - { body: a }']);
});
