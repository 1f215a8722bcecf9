import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { MESSAGES } from './descriptors.ts';
import type { FieldDescriptor } from './descriptors.ts';
import { root } from './testing/oracle.ts';

/** Messages whose short name is taken or nested in the .proto files. */
const ORACLE_NAMES: Record<string, string> = {
  SpanEvent: 'Span.Event',
  SpanLink: 'Span.Link',
  SpanStatus: 'Status',
  Buckets: 'ExponentialHistogramDataPoint.Buckets',
  ValueAtQuantile: 'SummaryDataPoint.ValueAtQuantile',
  ProfileLink: 'Link',
};

/** What the .proto file calls the type of a field of ours. */
function oracleTypeOf(field: FieldDescriptor): string {
  if (field.message !== undefined) return root.lookupType(ORACLE_NAMES[field.message.name] ?? field.message.name).name;
  if (field.type === 'enum') return ENUMS[field.name];
  return field.type === 'traceId' || field.type === 'spanId' ? 'bytes' : field.type;
}

const ENUMS: Record<string, string> = {
  severityNumber: 'SeverityNumber',
  kind: 'SpanKind',
  code: 'StatusCode',
  aggregationTemporality: 'AggregationTemporality',
};

describe.each([...MESSAGES.values()])('$name', (message) => {
  const oracle = root.lookupType(ORACLE_NAMES[message.name] ?? message.name);

  it('has the official fields, in the order of their declaration', () => {
    expect(message.fields.map((field) => [field.number, field.name])).toEqual(
      oracle.fieldsArray.map((field) => [field.id, field.name]),
    );
  });

  it.each(message.fields)('declares $name as the .proto file does', (field) => {
    const official = oracle.fieldsById[field.number];
    expect(field.repeated).toBe(official.repeated);
    expect(field.packed).toBe(official.repeated && Object.hasOwn(protobuf.types.packed, official.type));
    expect(field.oneof >= 0 || (field.presence && field.message === undefined)).toBe(official.partOf !== null);
    expect(oracleTypeOf(field)).toBe(official.resolvedType?.name ?? official.type);
  });
});

it('covers every message of the .proto files that a collector meets', () => {
  const ours = new Set([...MESSAGES.keys()].map((name) => root.lookupType(ORACLE_NAMES[name] ?? name)));
  const missing = collectTypes(root).filter((type) => !ours.has(type));
  // These are google.rpc messages, written out by hand in service-messages.
  expect(missing.map((type) => type.name).sort()).toEqual(['Any', 'Duration', 'RetryInfo', 'RpcStatus']);
});

function collectTypes(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  return namespace.nestedArray.flatMap((nested) => {
    const inner = nested instanceof protobuf.Namespace ? collectTypes(nested) : [];
    return nested instanceof protobuf.Type ? [nested, ...collectTypes(nested)] : inner;
  });
}
