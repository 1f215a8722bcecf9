/** The official SDK, through one collector and through two, to a file or another server: what arrives is what was sent. */
import { expect, test } from 'vitest';
import { Destination } from './harness/destination.ts';
import { startCollector } from './harness/millrace.ts';
import { inOrder } from './harness/otlp-items.ts';
import { PROTOCOLS, sendWithSdk } from './harness/sdk-sender.ts';

test.each(
  PROTOCOLS.flatMap((protocol) => [
    { protocol, gzip: false },
    { protocol, gzip: true },
  ]),
)('what the SDK sends over $protocol (gzip: $gzip) arrives', async ({ protocol, gzip }) => {
  const destination = await Destination.start();
  const collector = await startCollector(`
receivers:
  otlp: { protocols: { grpc: { endpoint: 127.0.0.1:0 }, http: { endpoint: 127.0.0.1:0 } } }
exporters:
  otlphttp: { endpoint: "${destination.url}", encoding: json }
service:
  pipelines:
    logs: { receivers: [otlp], exporters: [otlphttp] }
    traces: { receivers: [otlp], exporters: [otlphttp] }
    metrics: { receivers: [otlp], exporters: [otlphttp] }
`);
  const sent = await sendWithSdk({ protocol, gzip, http: collector.http(), grpc: collector.grpc() });
  const all = [...sent.logs, ...sent.traces, ...sent.metrics];
  await destination.items.findAll(all.length, () => true);
  expect(inOrder(destination.items.entries)).toEqual(inOrder(all));
  collector.signal('SIGTERM');
});
