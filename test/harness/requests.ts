import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import * as grpc from '@grpc/grpc-js';
import { jsonToProto } from '@millrace/otlp';
import { atEndOf, type Lifetime } from './cleanup.ts';
import type { Item } from './otlp-items.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly text: string;
}

/** OTLP/JSON with a log record for each id. */
export function logsJson(ids: readonly string[], service = 'shop'): string {
  return JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeLogs: [
          {
            scope: { name: 'test' },
            logRecords: ids.map((id) => ({
              timeUnixNano: '1700000000000000001',
              severityNumber: 9,
              body: { stringValue: `record ${id}` },
              attributes: [{ key: 'id', value: { stringValue: id } }],
            })),
          },
        ],
      },
    ],
  });
}

/** The same as protobuf. */
export function logsProto(ids: readonly string[], service?: string): Uint8Array {
  return jsonToProto('logs', Buffer.from(logsJson(ids, service)));
}

/** The ids that {@link logsJson} gave to items. */
export function idsOf(items: readonly Item[]): string[] {
  return items.map(({ content }) => String((content['attributes'] as Record<string, unknown>)['id']));
}

/** `prefix-0`, `prefix-1`, … */
export function idList(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

/**
 * One request on a connection of its own, which is offered to be kept open. A list as the body is sent in chunks, without
 * a Content-Length.
 */
export function post(
  url: string,
  body: string | Uint8Array | readonly Uint8Array[],
  headers: OutgoingHttpHeaders = { 'content-type': 'application/json' },
): Promise<HttpAnswer> {
  const agent = new Agent({ keepAlive: true });
  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    const call = request(url, { method: 'POST', headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: whole,
          text: whole.toString(),
        });
      });
    });
    call.on('error', reject);
    if (typeof body === 'string' || body instanceof Uint8Array) {
      if (!('content-length' in headers)) call.setHeader('content-length', Buffer.byteLength(body));
      call.end(body);
    } else {
      for (const chunk of body) call.write(chunk);
      call.end();
    }
  });
  return answer.finally(() => agent.destroy());
}

/** Sends log records as JSON. */
export function postLogs(http: string, ids: readonly string[]): Promise<HttpAnswer> {
  return post(`${http}/v1/logs`, logsJson(ids));
}

export const LOGS_EXPORT = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

/** How a gRPC call ended. */
export interface GrpcAnswer {
  /** The status code; 0 is OK. */
  readonly code: number;
  readonly message: string;
  readonly trailers: grpc.Metadata;
  /** The bytes of the response message. */
  readonly response: Buffer;
}

/** grpc-js, with messages as bytes. */
export class GrpcPeer {
  readonly #client: grpc.Client;

  constructor(address: string, options: grpc.ClientOptions = {}, lifetime: Lifetime = 'test') {
    this.#client = new grpc.Client(address, grpc.credentials.createInsecure(), options);
    atEndOf(lifetime, () => this.#client.close());
  }

  export(message: Uint8Array, metadata = new grpc.Metadata(), path = LOGS_EXPORT): Promise<GrpcAnswer> {
    return new Promise((resolve) => {
      const same = (bytes: Buffer) => bytes;
      this.#client.makeUnaryRequest(path, same, same, Buffer.from(message), metadata, (error, response) => {
        resolve({
          code: error?.code ?? 0,
          message: error?.details ?? '',
          trailers: error?.metadata ?? new grpc.Metadata(),
          response: response ?? Buffer.alloc(0),
        });
      });
    });
  }
}
