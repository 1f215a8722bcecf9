/** When memory or a queue is short, senders are told to come back, nothing accepted is lost, and the collector recovers. */
import * as grpc from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { Destination, directly } from './harness/destination.ts';
import { eventually } from './harness/eventually.ts';
import { type Millrace, startCollector } from './harness/millrace.ts';
import {
  type GrpcAnswer,
  GrpcPeer,
  type HttpAnswer,
  idsOf,
  logsJson,
  logsProto,
  post,
  postLogs,
} from './harness/requests.ts';

const RECEIVER = 'otlp: { protocols: { grpc: { endpoint: 127.0.0.1:0 }, http: { endpoint: 127.0.0.1:0 } } }';

/** Posts a record with a resource of about `bytes` bytes. */
function postLarge(http: string, id: string, bytes: number): Promise<HttpAnswer> {
  return post(`${http}/v1/logs`, logsJson([id], 'x'.repeat(bytes)));
}

/** Whether a google.rpc.RetryInfo came with a status. */
function hasRetryInfo({ trailers }: GrpcAnswer): boolean {
  const [details] = trailers.get('grpc-status-details-bin');
  return details instanceof Buffer && details.includes('type.googleapis.com/google.rpc.RetryInfo');
}

describe.each([0, 1])('with %i worker threads', (threads) => {
  test('a full memory budget: 503 with Retry-After, UNAVAILABLE with RetryInfo; afterwards everything is taken again', async () => {
    const destination = await Destination.start();
    const collector = await startCollector(
      `
receivers: { ${RECEIVER} }
exporters: { otlphttp: ${directly(destination)} }
service:
  bytes_in_flight_max: 1MiB
  pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } }
`,
      { threads },
    );
    destination.answer = 'hang';
    const { waiting, refused } = await fillUp(collector, destination, 200_000);
    const call = await new GrpcPeer(collector.grpc()).export(new Uint8Array(200_000));
    expect((await collector.scrape()).sum('otelcol_receiver_refused_requests')).toBeGreaterThan(1);
    destination.answer = { status: 200 };
    await expectAllDelivered(waiting, destination);
    expect((await postLarge(collector.http(), 'afterwards', 200_000)).status).toBe(200);
    await collector.metric('millrace_bytes_in_flight', {}, (bytes) => bytes === 0);

    expect(refused.status).toBe(503);
    expect(refused.text).toMatch(/memory budget/);
    expect(call.code).toBe(grpc.status.UNAVAILABLE);
    expect(call.message).toMatch(/memory budget/);
    expect({ retryAfter: refused.headers['retry-after'] !== undefined, retryInfo: hasRetryInfo(call) }).toEqual({
      retryAfter: true,
      retryInfo: true,
    });
  });

  test('memory_limiter above its limit: 503 with Retry-After, UNAVAILABLE with RetryInfo; it recovers by itself', async () => {
    const destination = await Destination.start();
    const collector = await startCollector(
      `
receivers: { ${RECEIVER} }
processors: { memory_limiter: { check_interval: 20ms, limit_mib: 120, spike_limit_mib: 40 } }
exporters: { otlphttp: ${directly(destination)} }
service:
  pipelines: { logs: { receivers: [otlp], processors: [memory_limiter], exporters: [otlphttp] } }
`,
      { threads },
    );
    destination.answer = 'hang';
    const { waiting, refused } = await fillUp(collector, destination, 8_000_000);
    await collector.logged('memory is above the soft limit: refusing data');
    const small = await postLogs(collector.http(), ['small']);
    const call = await new GrpcPeer(collector.grpc()).export(logsProto(['small']));
    destination.answer = { status: 200 };
    await expectAllDelivered(waiting, destination);
    await collector.logged('memory is below the soft limit again: accepting data');
    // Garbage may lift it above once more.
    await eventually('a request that is accepted', async () => {
      return (await postLogs(collector.http(), ['afterwards'])).status === 200 ? true : undefined;
    });

    for (const answer of [refused, small]) {
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
      expect(answer.text).toMatch(/memory limit reached/);
    }
    expect([call.code, hasRetryInfo(call)]).toEqual([grpc.status.UNAVAILABLE, true]);
    expect(call.message).toMatch(/memory limit reached/);
  });
});

test('a full sending queue: 503 and the metrics say so; what the queue took arrives, and then there is room again', async () => {
  const destination = await Destination.start();
  const collector = await startCollector(`
receivers: { ${RECEIVER} }
exporters:
  otlphttp: { endpoint: "${destination.url}", encoding: json, sending_queue: { queue_size: 5, num_consumers: 1 } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
  destination.answer = 'hang';
  const accepted: string[] = [];
  let answer: HttpAnswer;
  for (;;) {
    const id = `queued-${accepted.length}`;
    answer = await postLogs(collector.http(), [id]);
    if (answer.status !== 200) break;
    accepted.push(id);
  }
  expect(accepted).toHaveLength(5);
  expect(answer.status).toBe(503);
  expect(answer.text).toMatch(/sending queue is full \(5 of 5 requests\)/);
  const scraped = await collector.scrape();
  const labels = { exporter: 'otlphttp' };
  expect(scraped.sum('otelcol_exporter_queue_size', labels)).toBe(5);
  expect(scraped.sum('otelcol_exporter_queue_capacity', labels)).toBe(5);
  expect(scraped.sum('otelcol_exporter_enqueue_failed_log_records', labels)).toBe(1);
  expect(scraped.sum('otelcol_receiver_refused_log_records', { receiver: 'otlp' })).toBe(1);

  destination.answer = { status: 200 };
  await destination.items.findAll(5, () => true);
  await collector.metric('otelcol_exporter_queue_size', labels, (size) => size === 0);
  expect((await postLogs(collector.http(), ['afterwards'])).status).toBe(200);
  await destination.items.findAll(6, () => true);
  expect(idsOf(destination.items.entries)).toEqual([...accepted, 'afterwards']);
});

test('a destination that is short of something: its wait is passed on, and the retry after it delivers', async () => {
  const destination = await Destination.start();
  const collector = await startCollector(`
receivers: { ${RECEIVER} }
exporters:
  otlphttp: { endpoint: "${destination.url}", encoding: json, retry_on_failure: { initial_interval: 10ms, randomization_factor: 0 } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
  destination.answer = { status: 503 };
  expect((await postLogs(collector.http(), ['patient'])).status).toBe(200);
  await destination.requests.findAll(3, () => true);
  destination.answer = { status: 200 };
  expect(idsOf([await destination.items.find(() => true)])).toEqual(['patient']);
  await collector.metric('otelcol_exporter_sent_log_records', { exporter: 'otlphttp' }, (sent) => sent === 1);
  expect((await collector.scrape()).sum('otelcol_exporter_send_failed_log_records')).toBe(0);
});

/** Posts large records, which all wait for the destination, until one is refused. */
async function fillUp(
  collector: Millrace,
  destination: Destination,
  bytes: number,
): Promise<{ waiting: ReadonlyMap<string, Promise<HttpAnswer>>; refused: HttpAnswer }> {
  const waiting = new Map<string, Promise<HttpAnswer>>();
  for (;;) {
    const id = `large-${waiting.size}`;
    const answer = postLarge(collector.http(), id, bytes);
    const held = destination.requests.find((items) => idsOf(items).includes(id));
    const refused = await Promise.race([answer, held.then(() => undefined)]);
    if (refused !== undefined) return { waiting, refused };
    waiting.set(id, answer);
  }
}

/** Those that were answered with 200 are at the destination, and the others are not. */
async function expectAllDelivered(
  waiting: ReadonlyMap<string, Promise<HttpAnswer>>,
  destination: Destination,
): Promise<void> {
  const accepted: string[] = [];
  for (const [id, answer] of waiting) if ((await answer).status === 200) accepted.push(id);
  expect(accepted.length).toBeGreaterThan(2);
  expect(idsOf(destination.items.entries).sort()).toEqual(accepted.sort());
}
