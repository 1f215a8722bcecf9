/**
 * Servers for OTLP/HTTP and OTLP/gRPC that count the items they are sent and do nothing else. Prints its ports as JSON,
 * and the counts by signal on SIGUSR2 and, at its end, on SIGTERM.
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { countItems, type Signal } from '@millrace/otlp';
import { decompressed } from './compression.ts';

const GRPC_PREFIX_BYTES = 5;
const GRPC_WINDOW_BYTES = 8 * 1024 * 1024;
const counts: Partial<Record<Signal, number>> = { logs: 0, traces: 0, metrics: 0 };

/** The signal is in OTLP/HTTP's path as its name, in gRPC's as that of its service. */
function signalOf(path: string): Signal {
  if (/trace/i.test(path)) return 'traces';
  return /metrics/i.test(path) ? 'metrics' : 'logs';
}

function count(path: string, bytes: Uint8Array, compression: string): void {
  const signal = signalOf(path);
  counts[signal] = (counts[signal] ?? 0) + countItems(signal, decompressed(bytes, compression));
}

function countMessages(path: string, bytes: Buffer, headers: IncomingHttpHeaders): void {
  const [isCompressed] = bytes;
  const compression = isCompressed === 1 ? String(headers['grpc-encoding'] ?? '') : '';
  count(path, bytes.subarray(GRPC_PREFIX_BYTES), compression);
}

const http = createHttpServer((request, response) => {
  const chunks: Uint8Array[] = [];
  request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  request.on('end', () => {
    count(request.url ?? '', Buffer.concat(chunks), request.headers['content-encoding'] ?? '');
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});

const grpc = createHttp2Server({ settings: { initialWindowSize: GRPC_WINDOW_BYTES } });
grpc.on('session', (session) => session.setLocalWindowSize(GRPC_WINDOW_BYTES));
grpc.on('stream', (stream, headers) => {
  const chunks: Uint8Array[] = [];
  stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  stream.on('error', () => undefined);
  stream.on('end', () => {
    countMessages(headers[':path'] ?? '', Buffer.concat(chunks), headers);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    // An empty message: full success.
    stream.end(Buffer.alloc(GRPC_PREFIX_BYTES));
  });
});

const portOf = (server: { address(): AddressInfo | string | null }) => (server.address() as AddressInfo).port;
http.listen(0, '127.0.0.1', () => {
  grpc.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ http: portOf(http), grpc: portOf(grpc) })));
});
process.on('SIGUSR2', () => console.log(JSON.stringify(counts)));
process.on('SIGTERM', () => {
  console.log(JSON.stringify(counts));
  process.exit();
});
