import type { ReceiverHost, Signal } from '@millrace/api';
import {
  encodeResponse,
  encodeResponseJson,
  encodeStatus,
  encodeStatusJson,
  type PartialSuccess,
} from '@millrace/otlp';
import type { HttpFailure, HttpResponse, HttpRoute, RequestHead } from '@millrace/transport';
import { contextOf } from './client-context.ts';
import type { OtlpReceiverConfig } from './index.ts';
import { partialSuccess } from './partial-success.ts';
import type { PayloadForm } from './payload-form.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

type HttpConfig = NonNullable<OtlpReceiverConfig['protocols']['http']>;

/** A route for each signal that some pipeline takes; the paths of the others say that none does. */
export function httpRoutes(config: HttpConfig, host: ReceiverHost): ReadonlyMap<string, HttpRoute> {
  const paths: Readonly<Record<Signal, string>> = {
    logs: config.logs_url_path,
    traces: config.traces_url_path,
    metrics: config.metrics_url_path,
    profiles: config.profiles_url_path,
  };
  const routesOf = (signals: Iterable<Signal>, routeOf: (signal: Signal, host: ReceiverHost) => HttpRoute) =>
    [...signals].map((signal) => [absolute(paths[signal]), routeOf(signal, host)] as const);
  const others = (Object.keys(paths) as Signal[]).filter((signal) => !host.signals.has(signal));
  return new Map([...routesOf(others, untakenRoute), ...routesOf(host.signals, exportRoute)]);
}

/** What a sender of a signal is told that no pipeline takes. */
function untakenRoute(signal: Signal, { id }: ReceiverHost): HttpRoute {
  const message = `no pipeline takes ${signal} from the receiver "${id}": add one to service.pipelines of the collector`;
  return {
    refuse: () => ({ status: 404, message }),
    handle: () => Promise.resolve({ status: 404 }),
  };
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

function exportRoute(signal: Signal, host: ReceiverHost): HttpRoute {
  return {
    methods: ['POST'],
    refuse: ({ mediaType }) => (mediaType === PROTOBUF || mediaType === JSON_TYPE ? undefined : UNSUPPORTED_TYPE),
    admit: (_head, expectedBytes) => host.admit(signal, expectedBytes),
    async handle(head, body) {
      const json = head.mediaType === JSON_TYPE;
      const form: PayloadForm = { protocol: 'http', json, encoding: head.encoding };
      try {
        await host.consume(signal, { body: body ?? EMPTY, form, transport: 'http', context: contextOf(head) });
        return success(signal, json);
      } catch (error) {
        const partial = partialSuccess(error);
        if (partial !== undefined) return success(signal, json, partial);
        throw error;
      }
    },
  };
}

const EMPTY = new Uint8Array(0);

const UNSUPPORTED_TYPE: HttpFailure = {
  status: 415,
  message: `415 unsupported media type, supported: [${JSON_TYPE}, ${PROTOBUF}]`,
};

function success(signal: Signal, json: boolean, partial?: PartialSuccess): HttpResponse {
  return json
    ? { status: 200, headers: { 'content-type': JSON_TYPE }, body: encodeResponseJson(signal, partial) }
    : { status: 200, headers: { 'content-type': PROTOBUF }, body: encodeResponse(partial) };
}

/** gRPC codes that stand for HTTP statuses in the body of an error (OTLP specification, "Failures"). */
const GRPC_CODES: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 12, 429: 8, 500: 13, 503: 14 };
const UNKNOWN = 2;

/** A failure as google.rpc.Status, in the encoding of the request. */
export function renderFailure(head: RequestHead, failure: HttpFailure): HttpResponse {
  if (head.mediaType !== PROTOBUF && head.mediaType !== JSON_TYPE) {
    return { status: failure.status, headers: { 'content-type': 'text/plain' }, body: `${failure.message}\n` };
  }
  const { retryAfterMs } = failure;
  const status = {
    code: GRPC_CODES[failure.status] ?? UNKNOWN,
    message: failure.message,
    ...(retryAfterMs === undefined ? {} : { retryDelayMs: retryAfterMs }),
  };
  return head.mediaType === JSON_TYPE
    ? { status: failure.status, headers: { 'content-type': JSON_TYPE }, body: encodeStatusJson(status) }
    : { status: failure.status, headers: { 'content-type': PROTOBUF }, body: encodeStatus(status) };
}
