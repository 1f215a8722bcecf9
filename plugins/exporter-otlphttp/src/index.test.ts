import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Signal } from '@millrace/api';
import { jsonToProto } from '@millrace/otlp';
import { describeConformance, type Destination } from '@millrace/testkit';
import { describe } from 'vitest';

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
