/**
 * What an OTLP server answers: Export*ServiceResponse with its partial success, and google.rpc.Status with RetryInfo, the
 * body of OTLP/HTTP errors and of gRPC's grpc-status-details-bin. Small and rare, so plain objects.
 * Sources: opentelemetry-proto collector services; google/rpc/status.proto, error_details.proto.
 */
import { ByteWriter } from './byte-writer.ts';
import { messageDescriptor } from './descriptors.ts';
import type { Signal } from './signal.ts';
import { InvalidMessage } from './invalid-message.ts';
import { jsonToMessage } from './json-decode.ts';
import { WireReader } from './wire-reader.ts';

/** How a server says that it took only a part. Zero rejected with a message is a warning; `undefined` is full success. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** google.rpc.Status, as far as OTLP uses it. */
export interface RpcStatus {
  /** A gRPC status code, 0 to 16. */
  readonly code: number;
  readonly message: string;
  /** From RetryInfo: how long the client shall wait, in milliseconds. */
  readonly retryDelayMs?: number;
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

const RESPONSES: Readonly<Record<Signal, { name: string; rejectedKey: string }>> = {
  logs: { name: 'ExportLogsServiceResponse', rejectedKey: 'rejectedLogRecords' },
  traces: { name: 'ExportTraceServiceResponse', rejectedKey: 'rejectedSpans' },
  metrics: { name: 'ExportMetricsServiceResponse', rejectedKey: 'rejectedDataPoints' },
  profiles: { name: 'ExportProfilesServiceResponse', rejectedKey: 'rejectedProfiles' },
};

/** An Export*ServiceResponse; the signals' responses have the same form on the wire. Full success takes no bytes. */
export function encodeResponse(partial?: PartialSuccess): Uint8Array {
  const out = new ByteWriter();
  if (partial !== undefined) {
    const mark = out.openField(1);
    if (partial.rejected !== 0) out.int64Field(1, partial.rejected);
    if (partial.message !== '') out.stringField(2, partial.message);
    out.close(mark);
  }
  return out.take();
}

/** Reads an Export*ServiceResponse. Throws WireError. */
export function decodeResponse(bytes: Uint8Array): PartialSuccess | undefined {
  const reader = new WireReader(bytes);
  let partial: PartialSuccess | undefined;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 0x0a) partial = decodePartial(reader.range(), partial);
    else reader.skip(tag);
  }
  return partial === undefined || isNothing(partial) ? undefined : partial;
}

const isNothing = (partial: PartialSuccess): boolean => partial.rejected === 0 && partial.message === '';

function decodePartial(bytes: Uint8Array, before: PartialSuccess | undefined): PartialSuccess {
  const reader = new WireReader(bytes);
  let { rejected, message } = before ?? { rejected: 0, message: '' };
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 0x08) rejected = Number(reader.int64());
    else if (tag === 0x12) message = reader.string();
    else reader.skip(tag);
  }
  return { rejected, message };
}

/** As the Collector answers: `{"partialSuccess":{}}` for full success. */
export function encodeResponseJson(signal: Signal, partial?: PartialSuccess): string {
  const partialSuccess: Record<string, string> = {};
  if (partial !== undefined && partial.rejected !== 0) {
    partialSuccess[RESPONSES[signal].rejectedKey] = String(partial.rejected);
  }
  if (partial !== undefined && partial.message !== '') partialSuccess.errorMessage = partial.message;
  return JSON.stringify({ partialSuccess });
}

/** Reads the JSON form of an Export*ServiceResponse. Throws InvalidMessage. */
export function decodeResponseJson(signal: Signal, json: Uint8Array | string): PartialSuccess | undefined {
  const bytes = typeof json === 'string' ? new TextEncoder().encode(json) : json;
  return decodeResponse(jsonToMessage(messageDescriptor(RESPONSES[signal].name), bytes));
}

/** google.rpc.Status; a retry delay becomes a RetryInfo in its details. */
export function encodeStatus(status: RpcStatus): Uint8Array {
  const out = new ByteWriter();
  if (status.code !== 0) out.int64Field(1, status.code);
  if (status.message !== '') out.stringField(2, status.message);
  if (status.retryDelayMs !== undefined) {
    const any = out.openField(3);
    out.stringField(1, RETRY_INFO);
    const retryInfo = out.openField(2);
    const duration = out.openField(1);
    const { seconds, nanos } = durationOf(status.retryDelayMs);
    if (seconds !== 0) out.int64Field(1, seconds);
    if (nanos !== 0) out.int64Field(2, nanos);
    out.close(duration);
    out.close(retryInfo);
    out.close(any);
  }
  return out.take();
}

/** Reads a google.rpc.Status; details other than RetryInfo are ignored. Throws WireError. */
export function decodeStatus(bytes: Uint8Array): RpcStatus {
  const reader = new WireReader(bytes);
  let code = 0;
  let message = '';
  let retryDelayMs: number | undefined;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 0x08) code = reader.int32();
    else if (tag === 0x12) message = reader.string();
    else if (tag === 0x1a) retryDelayMs = decodeDetail(reader.range()) ?? retryDelayMs;
    else reader.skip(tag);
  }
  return retryDelayMs === undefined ? { code, message } : { code, message, retryDelayMs };
}

/** google.protobuf.Any: the delay when it is a RetryInfo. */
function decodeDetail(bytes: Uint8Array): number | undefined {
  const reader = new WireReader(bytes);
  let type = '';
  let value: Uint8Array = new Uint8Array(0);
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 0x0a) type = reader.string();
    else if (tag === 0x12) value = reader.range();
    else reader.skip(tag);
  }
  if (!type.endsWith('/google.rpc.RetryInfo')) return undefined;
  const retryInfo = new WireReader(value);
  let delayMs: number | undefined;
  while (!retryInfo.done) {
    const tag = retryInfo.tag();
    if (tag === 0x0a) delayMs = decodeDuration(retryInfo.range());
    else retryInfo.skip(tag);
  }
  return delayMs;
}

function decodeDuration(bytes: Uint8Array): number {
  const reader = new WireReader(bytes);
  let seconds = 0;
  let nanos = 0;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 0x08) seconds = Number(reader.int64());
    else if (tag === 0x10) nanos = reader.int32();
    else reader.skip(tag);
  }
  return seconds * 1000 + nanos / 1_000_000;
}

function durationOf(ms: number): { seconds: number; nanos: number } {
  const seconds = Math.trunc(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1_000_000) };
}

/** The JSON form of google.rpc.Status: the body of an OTLP/HTTP error when the request was JSON. */
export function encodeStatusJson(status: RpcStatus): string {
  const json: Record<string, unknown> = {};
  if (status.code !== 0) json.code = status.code;
  if (status.message !== '') json.message = status.message;
  if (status.retryDelayMs !== undefined) {
    json.details = [{ '@type': RETRY_INFO, retryDelay: durationText(status.retryDelayMs) }];
  }
  return JSON.stringify(json);
}

/** Seconds with 0, 3, 6 or 9 decimals and an "s", as protobuf's JSON has it. */
function durationText(ms: number): string {
  const { seconds, nanos } = durationOf(ms);
  if (nanos === 0) return `${seconds}s`;
  return `${seconds}.${String(nanos)
    .padStart(9, '0')
    .replace(/(000){1,2}$/, '')}s`;
}

/** Reads the JSON form of google.rpc.Status; throws InvalidMessage. Fields of another type count as absent. */
export function decodeStatusJson(json: Uint8Array | string): RpcStatus {
  const text = typeof json === 'string' ? json : Buffer.from(json).toString('utf8');
  const status = parseObject(text);
  const code = typeof status.code === 'number' ? status.code : 0;
  const message = typeof status.message === 'string' ? status.message : '';
  const details: unknown[] = Array.isArray(status.details) ? status.details : [];
  const delays = details.map(delayOfDetail).filter((delay) => delay !== undefined);
  return delays.length === 0 ? { code, message } : { code, message, retryDelayMs: delays[delays.length - 1] };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidMessage(`the status is not JSON: ${String(cause)}`, { code: 'JSON_SYNTAX', offset: 0, path: '' });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidMessage('expected a status as a JSON object', { code: 'JSON_VALUE', offset: 0, path: '' });
  }
  return value as Record<string, unknown>;
}

function delayOfDetail(detail: unknown): number | undefined {
  if (typeof detail !== 'object' || detail === null) return undefined;
  const { '@type': type, retryDelay } = detail as Record<string, unknown>;
  if (typeof type !== 'string' || !type.endsWith('/google.rpc.RetryInfo') || typeof retryDelay !== 'string') {
    return undefined;
  }
  const seconds = /^(-?\d+(?:\.\d{1,9})?)s$/.exec(retryDelay)?.[1];
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1_000_000_000) / 1_000_000;
}
