/** An independent decoder for tests: protobufjs with the official field numbers. Not part of the published package. */
import protobuf from 'protobufjs';
import { PROTO_TEXT } from './proto-text.ts';

export type OracleSignal = 'logs' | 'traces' | 'metrics' | 'profiles';

/** A decoded message: lowerCamelCase keys, 64-bit integers as bigint, bytes as hex, implicit defaults left out. */
export type Plain = { [key: string]: PlainValue };
export type PlainValue = string | number | bigint | boolean | Uint8Array | Plain | PlainValue[];

export const root: protobuf.Root = protobuf.parse(PROTO_TEXT, new protobuf.Root(), { keepCase: false }).root;
root.resolveAll();

const REQUESTS: Record<OracleSignal, string> = {
  logs: 'ExportLogsServiceRequest',
  traces: 'ExportTraceServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
  profiles: 'ExportProfilesServiceRequest',
};

/** The protobufjs type of an export request (`'logs'`) or of any message by its short name (`'LogRecord'`). */
export function messageType(name: string): protobuf.Type {
  return root.lookupType(REQUESTS[name as OracleSignal] ?? name);
}

/** Encodes a plain object (bigint for 64-bit fields, Uint8Array for bytes) as canonical protobuf. */
export function encode(name: string, message: Plain): Uint8Array {
  const type = messageType(name);
  return Uint8Array.from(type.encode(type.fromObject(message)).finish());
}

/**
 * Decodes to an object that compares with `toEqual`: 64-bit integers are bigint, bytes are `hex:...` strings, fields
 * with implicit presence are left out when they hold their default, unknown fields are dropped. Throws what protobufjs throws.
 */
export function decode(name: string, bytes: Uint8Array): Plain {
  const type = messageType(name);
  return comparable(type, type.toObject(type.decode(bytes), { longs: BigInt, bytes: Array }));
}

/** Brings an object given to `encode` into the form that `decode` returns. */
export function normalizePlain(name: string, message: Plain): Plain {
  return decode(name, encode(name, message));
}

function comparable(type: protobuf.Type, message: Record<string, unknown>): Plain {
  const out: Plain = {};
  for (const field of type.fieldsArray) {
    const value = message[field.name];
    if (value === undefined || value === null) continue;
    if (field.repeated) {
      const list = value as unknown[];
      if (list.length > 0) out[field.name] = list.map((each) => comparableValue(field, each));
    } else if (hasPresence(field) || !isDefault(field, value)) {
      out[field.name] = comparableValue(field, value);
    }
  }
  return out;
}

function comparableValue(field: protobuf.Field, value: unknown): PlainValue {
  if (field.resolvedType instanceof protobuf.Type) {
    return comparable(field.resolvedType, value as Record<string, unknown>);
  }
  if (field.type === 'bytes') return `hex:${Buffer.from(value as number[]).toString('hex')}`;
  return value as PlainValue;
}

function hasPresence(field: protobuf.Field): boolean {
  return field.partOf !== null || field.resolvedType instanceof protobuf.Type;
}

function isDefault(field: protobuf.Field, value: unknown): boolean {
  if (field.type === 'bytes') return (value as number[]).length === 0;
  // Minus zero is not the default: its bits are not all zero, so it is written.
  return value === '' || value === false || value === 0n || Object.is(value, 0);
}
