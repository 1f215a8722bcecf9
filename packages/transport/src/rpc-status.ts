/** google.rpc.Status (google/rpc/status.proto): what `grpc-status-details-bin` and OTLP/HTTP errors carry. */
export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly RpcDetail[];
}

/** google.protobuf.Any. */
export interface RpcDetail {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/** A google.rpc.RetryInfo (google/rpc/error_details.proto) as a detail of a status. */
export function retryInfoDetail(delayMs: number): RpcDetail {
  const seconds = Math.floor(delayMs / 1000);
  const nanos = Math.round((delayMs - seconds * 1000) * 1e6);
  const duration = [...varintField(1, seconds), ...varintField(2, nanos)];
  return { typeUrl: RETRY_INFO, value: Uint8Array.from(bytesField(1, duration)) };
}

/** The delay of the first RetryInfo among the details, in milliseconds; undefined when there is none. */
export function retryDelayMs(status: RpcStatus | undefined): number | undefined {
  const detail = status?.details.find(({ typeUrl }) => typeUrl === RETRY_INFO);
  if (detail === undefined) return undefined;
  let delayMs = 0;
  readFields(detail.value, (field, value) => {
    if (field !== 1 || typeof value === 'number') return;
    readFields(value, (part, amount) => {
      if (typeof amount !== 'number') return;
      if (part === 1) delayMs += amount * 1000;
      if (part === 2) delayMs += amount / 1e6;
    });
  });
  return delayMs;
}

export function encodeRpcStatus(status: RpcStatus): Uint8Array {
  const parts = [...varintField(1, status.code), ...textField(2, status.message)];
  for (const { typeUrl, value } of status.details) {
    parts.push(...bytesField(3, [...textField(1, typeUrl), ...bytesField(2, value)]));
  }
  return Uint8Array.from(parts);
}

/** Undefined for bytes that are no such message: what a peer sends here never fails a call. */
export function decodeRpcStatus(bytes: Uint8Array): RpcStatus | undefined {
  let code = 0;
  let message = '';
  const details: RpcDetail[] = [];
  const isWhole = readFields(bytes, (field, value) => {
    if (field === 1 && typeof value === 'number') code = value;
    if (field === 2 && typeof value !== 'number') message = text(value);
    if (field === 3 && typeof value !== 'number') details.push(readAny(value));
  });
  return isWhole ? { code, message, details } : undefined;
}

function readAny(bytes: Uint8Array): RpcDetail {
  let typeUrl = '';
  let value: Uint8Array = new Uint8Array();
  readFields(bytes, (field, part) => {
    if (field === 1 && typeof part !== 'number') typeUrl = text(part);
    if (field === 2 && typeof part !== 'number') value = part;
  });
  return { typeUrl, value };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

/** Calls `visit` for each varint and each length-delimited field; false for malformed bytes. */
function readFields(bytes: Uint8Array, visit: (field: number, value: number | Uint8Array) => void): boolean {
  let at = 0;
  const varint = (): number => {
    let result = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at];
      at += 1;
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const wire = tag % 8;
    const field = Math.floor(tag / 8);
    if (wire === 0) {
      visit(field, varint());
    } else if (wire === 2) {
      const length = varint();
      if (!(length <= bytes.length - at)) return false;
      visit(field, bytes.subarray(at, at + length));
      at += length;
    } else if (wire === 1 || wire === 5) {
      at += wire === 1 ? 8 : 4;
    } else {
      return false;
    }
  }
  return at === bytes.length;
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

function varintField(field: number, value: number): number[] {
  return value === 0 ? [] : [field * 8, ...varintBytes(value)];
}

function bytesField(field: number, value: ArrayLike<number>): number[] {
  return [field * 8 + 2, ...varintBytes(value.length), ...Array.from(value)];
}

function textField(field: number, value: string): number[] {
  return value === '' ? [] : bytesField(field, Buffer.from(value, 'utf8'));
}
