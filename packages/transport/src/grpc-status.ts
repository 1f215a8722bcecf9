import { DeliveryError } from '@millrace/api';
import { RESOURCE_EXHAUSTED } from './http-failure.ts';
import { decodeRpcStatus, encodeRpcStatus, retryInfoDetail, retryDelayMs } from './rpc-status.ts';

/** Status codes (grpc/doc/statuscodes.md). */
export const GrpcCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcCodeName = keyof typeof GrpcCode;

const NAMES = Object.keys(GrpcCode) as GrpcCodeName[];

/** Name of a code; UNKNOWN for codes that do not exist. */
export function codeName(code: number): GrpcCodeName {
  return NAMES[code] ?? 'UNKNOWN';
}

/** A status that a method answers instead of a message. */
export class GrpcError extends Error {
  readonly code: GrpcCodeName;
  /** A serialized google.rpc.Status, for `grpc-status-details-bin`. */
  readonly details: Uint8Array | undefined;

  constructor(code: GrpcCodeName, message: string, details?: Uint8Array) {
    super(message);
    this.name = 'GrpcError';
    this.code = code;
    this.details = details;
  }
}

/**
 * The Collector's status for an error of the data path: UNAVAILABLE or RESOURCE_EXHAUSTED where the sender shall try
 * again, INVALID_ARGUMENT for data that can never be taken. Senders take RESOURCE_EXHAUSTED for permanent unless a
 * RetryInfo comes with it (OTLP specification, "Failures"), so it always does. Anything that is no DeliveryError is a
 * fault of ours: INTERNAL, without its text.
 */
export function grpcErrorOf(error: unknown): GrpcError {
  if (error instanceof GrpcError) return error;
  if (!(error instanceof DeliveryError)) return new GrpcError('INTERNAL', 'internal error');
  if (!error.retryable) return new GrpcError('INVALID_ARGUMENT', error.message);
  const code = error.code === RESOURCE_EXHAUSTED ? 'RESOURCE_EXHAUSTED' : 'UNAVAILABLE';
  const delayMs = error.retryAfterMs ?? (code === 'RESOURCE_EXHAUSTED' ? 0 : undefined);
  if (delayMs === undefined) return new GrpcError(code, error.message);
  const status = { code: GrpcCode[code], message: error.message, details: [retryInfoDetail(delayMs)] };
  return new GrpcError(code, error.message, encodeRpcStatus(status));
}

/** Codes after which the same data may be sent again (OTLP specification, "Failures"). */
const RETRYABLE: ReadonlySet<GrpcCodeName> = new Set([
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** What a client throws for a status other than OK: OTLP's rules decide whether it is retryable. */
export function deliveryErrorOf(
  code: GrpcCodeName,
  message: string,
  { details, cause }: { readonly details?: Uint8Array | undefined; readonly cause?: unknown } = {},
): DeliveryError {
  const retryAfterMs = details === undefined ? undefined : retryDelayMs(decodeRpcStatus(details));
  const retryable = RETRYABLE.has(code) || (code === 'RESOURCE_EXHAUSTED' && retryAfterMs !== undefined);
  return new DeliveryError(`${code}: ${message}`, {
    code,
    retryable,
    cause,
    ...(retryable && retryAfterMs !== undefined ? { retryAfterMs } : {}),
  });
}

/** `grpc-message`: UTF-8, with everything but printable ASCII and the percent sign itself escaped. */
export function encodeMessage(text: string): string {
  // oxlint-disable-next-line no-control-regex
  if (!/[^\u0020-\u007e]|%/.test(text)) return text;
  let result = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    result += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return result;
}

/** The text of a `grpc-message`; broken escapes stay as they are. */
export function decodeMessage(text: string): string {
  if (!text.includes('%')) return text;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const hex = /^%([0-9a-fA-F]{2})/.exec(text.slice(at, at + 3));
    bytes.push(hex === null ? text.charCodeAt(at) & 0xff : Number.parseInt(hex[1], 16));
    if (hex !== null) at += 2;
  }
  return Buffer.from(bytes).toString('utf8');
}
