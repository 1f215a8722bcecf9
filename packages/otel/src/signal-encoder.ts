import {
  type ISerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

type Resource = ReadableSpan['resource'];

/** Resources that are yet to be found out hold the encoding up. */
async function complete(resources: Iterable<Resource>): Promise<void> {
  const pending = new Set<Resource>();
  for (const resource of resources) if (resource.asyncAttributesPending === true) pending.add(resource);
  for (const resource of pending) await resource.waitForAsyncAttributes?.();
}

/** Encodes what the SDK records as an OTLP export request. */
export type EncodeItems<T> = (items: T) => Promise<Uint8Array>;

export const encodeSpans: EncodeItems<readonly ReadableSpan[]> = async (spans) => {
  await complete(spans.map(({ resource }) => resource));
  return bytesOf(ProtobufTraceSerializer, [...spans]);
};

export const encodeLogRecords: EncodeItems<readonly ReadableLogRecord[]> = async (records) => {
  await complete(records.map(({ resource }) => resource));
  return bytesOf(ProtobufLogsSerializer, [...records]);
};

export const encodeMetrics: EncodeItems<ResourceMetrics> = async (metrics) => {
  await complete([metrics.resource]);
  return bytesOf(ProtobufMetricsSerializer, metrics);
};

function bytesOf<Request>(serializer: ISerializer<Request, unknown>, request: Request): Uint8Array {
  const bytes = serializer.serializeRequest(request);
  if (bytes === undefined) throw new Error('the records cannot be encoded as OTLP');
  return bytes;
}
