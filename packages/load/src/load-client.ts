import { DeliveryError, messageOf, type Clock, type Logger } from '@millrace/api';
import { decodeResponse, GRPC_METHODS, HTTP_PATHS, type PartialSuccess } from '@millrace/otlp';
import {
  GrpcClient,
  HttpClient,
  isServerAnswer,
  type GrpcClientConfig,
  type HttpClientConfig,
} from '@millrace/transport';
import type { LoadCompression, LoadSignal } from './load-requests.ts';

/** Where requests go, as the settings of the OTLP exporters name it. */
export type LoadTarget =
  | { readonly protocol: 'http'; readonly config: HttpClientConfig & { readonly endpoint?: string } }
  | { readonly protocol: 'grpc'; readonly config: GrpcClientConfig };

export interface LoadClientSettings {
  readonly target: LoadTarget;
  readonly signal: LoadSignal;
  readonly compression: LoadCompression;
  /** An answer that takes longer is none. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
}

/** What became of a request. */
export type LoadOutcome =
  | { readonly kind: 'acknowledged'; /** Items that the server took none the less not. */ readonly rejected: number }
  /** The server says no: for good, or for now. */
  | { readonly kind: 'refused'; readonly retryable: boolean; readonly retryAfterMs: number; readonly reason: string }
  /** There was no answer: nobody knows whether the data arrived. */
  | { readonly kind: 'failed'; readonly reason: string };

/** One connection, which carries one request at a time. */
export interface LoadClient {
  /** Never rejects. */
  send(body: Uint8Array): Promise<LoadOutcome>;
  close(): Promise<void>;
}

/** Reads certificates; does not wait for a connection. Throws a ComponentError. */
export async function openLoadClient(settings: LoadClientSettings): Promise<LoadClient> {
  return settings.target.protocol === 'http'
    ? openHttp(settings.target.config, settings)
    : openGrpc(settings.target.config, settings);
}

async function openHttp(
  config: HttpClientConfig & { readonly endpoint?: string },
  { signal, compression, timeoutMs, clock, logger, version }: LoadClientSettings,
): Promise<LoadClient> {
  const one = { ...config, timeout: timeoutMs, max_conns_per_host: 1 };
  const client = new HttpClient({ config: one, clock, logger, userAgent: `millrace-generate/${version}` });
  await client.start();
  const url = new URL(config.endpoint ?? '');
  url.pathname = url.pathname.replace(/\/$/, '') + HTTP_PATHS[signal];
  const encoding = compression === 'none' ? {} : { 'content-encoding': compression };
  const headers = { 'content-type': 'application/x-protobuf', ...encoding };
  return {
    send: (body) => outcomeOf(async () => (await client.post(url.href, { body, headers })).body),
    close() {
      client.shutdown();
      return Promise.resolve();
    },
  };
}

async function openGrpc(
  config: GrpcClientConfig,
  { signal, compression, timeoutMs, clock, logger, version }: LoadClientSettings,
): Promise<LoadClient> {
  const client = new GrpcClient({ config, clock, logger, userAgent: `millrace-generate/${version}` });
  await client.start();
  const encoding = compression === 'none' ? {} : { encoding: compression };
  return {
    send: (message) => outcomeOf(() => client.call(GRPC_METHODS[signal], { message, ...encoding, timeoutMs })),
    close: () => client.shutdown(0),
  };
}

async function outcomeOf(send: () => Promise<Uint8Array>): Promise<LoadOutcome> {
  try {
    return { kind: 'acknowledged', rejected: partialSuccessOf(await send())?.rejected ?? 0 };
  } catch (error) {
    const reason = messageOf(error);
    if (!(error instanceof DeliveryError) || !isServerAnswer(error)) return { kind: 'failed', reason };
    return { kind: 'refused', retryable: error.retryable, retryAfterMs: error.retryAfterMs ?? 0, reason };
  }
}

/** A body that cannot be read says nothing: the status was that of success. */
function partialSuccessOf(body: Uint8Array): PartialSuccess | undefined {
  try {
    return decodeResponse(body);
  } catch {
    return undefined;
  }
}
