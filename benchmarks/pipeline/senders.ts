import { Agent, request } from 'node:http';
import { connect, type ClientHttp2Session } from 'node:http2';
import type { Compression } from './compression.ts';

export type Signal = 'logs' | 'traces';
export type Protocol = 'http' | 'grpc';

/** Sends one request and says whether it was accepted. Rejects when the connection fails. */
export type Sender = (body: Uint8Array) => Promise<boolean>;

export interface SenderSettings {
  /** `host:port`. */
  readonly target: string;
  readonly signal: Signal;
  readonly compression: Compression;
}

const GRPC_METHODS: Readonly<Record<Signal, string>> = {
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
};
const HTTP_OK = 200;
const GRPC_PREFIX_BYTES = 5;
const GRPC_WINDOW_BYTES = 1024 * 1024;

/** OTLP/HTTP over one connection that is kept. */
export function httpSender({ target, signal, compression }: SenderSettings): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const url = `http://${target}/v1/${signal}`;
  const encoding = compression === 'none' ? {} : { 'content-encoding': compression };
  return (body) =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length, ...encoding };
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode === HTTP_OK));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
}

/** OTLP/gRPC over one connection; thinner than a gRPC library, as both sides share the cores with what is measured. */
export function grpcSender(settings: SenderSettings): Sender {
  const session = connect(`http://${settings.target}`, { settings: { initialWindowSize: GRPC_WINDOW_BYTES } });
  let failure: Error | undefined;
  session.on('error', (error) => (failure = error));
  return (body) => (failure === undefined ? call(session, body, settings) : Promise.reject(failure));
}

function call(session: ClientHttp2Session, body: Uint8Array, settings: SenderSettings): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const isCompressed = settings.compression !== 'none';
    const stream = session.request({
      ':method': 'POST',
      ':path': GRPC_METHODS[settings.signal],
      te: 'trailers',
      'content-type': 'application/grpc',
      ...(isCompressed ? { 'grpc-encoding': settings.compression } : {}),
    });
    let status = '';
    // An error comes in the headers, when there is nothing but them.
    stream.on('response', (headers) => (status = String(headers['grpc-status'] ?? '')));
    stream.on('trailers', (headers) => (status = String(headers['grpc-status'] ?? '')));
    stream.on('error', reject);
    stream.on('close', () => resolve(status === '0'));
    stream.resume();
    const prefix = Buffer.alloc(GRPC_PREFIX_BYTES);
    prefix[0] = isCompressed ? 1 : 0;
    prefix.writeUInt32BE(body.length, 1);
    stream.end(Buffer.concat([prefix, body]));
  });
}
