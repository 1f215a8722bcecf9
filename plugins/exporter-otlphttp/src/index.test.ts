import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Signal } from '@millrace/api';
import { jsonToProto } from '@millrace/otlp';
import { collectorOf, describeConformance, type Destination } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';

const SIGNALS: Readonly<Record<string, Signal>> = {
  '/v1/logs': 'logs',
  '/v1/traces': 'traces',
  '/v1/metrics': 'metrics',
  '/v1development/profiles': 'profiles',
};
const STATUSES = { accept: 200, retryable: 503, permanent: 400 } as const;

/** An HTTP server that keeps the OTLP requests which it accepts. */
async function destination(encoding: 'proto' | 'json'): Promise<Destination> {
  const arrived: { readonly signal: Signal; readonly bytes: Uint8Array }[] = [];
  const acts: (keyof typeof STATUSES)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const act = acts.shift() ?? 'accept';
      if (act === 'accept') {
        const body = gunzipSync(Buffer.concat(chunks));
        const signal = SIGNALS[request.url ?? ''];
        arrived.push({ signal, bytes: encoding === 'json' ? jsonToProto(signal, body) : body });
      }
      response.writeHead(STATUSES[act]).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const plain = 'sending_queue: { enabled: false }, retry_on_failure: { enabled: false }';
  return {
    config: `otlphttp: { endpoint: "http://127.0.0.1:${port}", encoding: ${encoding}, ${plain} }`,
    read: () => Promise.resolve(arrived),
    respond: (next) => void acts.push(...next),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

describe.each(['proto', 'json'] as const)('as %s', (encoding) => {
  describeConformance(new URL('./index.ts', import.meta.url), { exporter: { open: () => destination(encoding) } });
});

test('the path of a signal stands before the query of the endpoint, whose keys are not shown', async () => {
  const urls: string[] = [];
  const server = createServer((request, response) => {
    urls.push(request.url ?? '');
    request.resume().on('end', () => response.writeHead(403).end());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const yaml = `
receivers: { test/in: }
exporters:
  otlphttp:
    endpoint: http://127.0.0.1:${port}/base/?api_key=k-123456
    sending_queue: { enabled: false }
service: { pipelines: { logs: { receivers: [test/in], exporters: [otlphttp] } } }
`;
  await using collector = await collectorOf(yaml, { plugins: [new URL('./index.ts', import.meta.url)] });
  const shown = `http://127.0.0.1:${port}/base/v1/logs?api_key=[REDACTED] answered 403 Forbidden`;
  await expect(collector.in().push('logs', [1])).rejects.toThrow(shown);
  expect(urls).toEqual(['/base/v1/logs?api_key=k-123456']);
  expect(JSON.stringify(collector.collector.announcements)).not.toContain('k-123456');
  expect(JSON.stringify(collector.logger.lines)).not.toContain('k-123456');
  server.close();
});
