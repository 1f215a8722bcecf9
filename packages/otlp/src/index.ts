export { copyBlock, MAX_DEPTH, readUtf8, WireError } from './wire.ts';
export { WireReader } from './wire-reader.ts';
export { allocateBytes, ByteWriter, type Allocate } from './byte-writer.ts';
export { key, Key } from './key.ts';
export { double, encodeAnyValue, int, readAnyValue, valueKind, writeAnyValue } from './any-value.ts';
export type { AnyValue, AnyValueInput, Double, Int, KeyValues, ValueKind } from './any-value.ts';
export type { Attribute } from './attribute.ts';
export { ATTRIBUTE_EDITS_MAX, AttributeEdits, type AttributeEdit } from './attribute-edits.ts';
export { EncodedAttribute, type AttributesView } from './attributes-view.ts';
export type { ValueField } from './value-field.ts';
export type { Signal } from './signal.ts';
export { countItems } from './count.ts';
export { splitChunks, type SplitLimits } from './split.ts';
export type { NewResource, NewScope, RequestBuilder } from './builder.ts';
export { LogsBuilder, type NewLogsScope } from './logs-builder.ts';
export { TracesBuilder, type NewSpansScope } from './traces-builder.ts';
export { MetricsBuilder, type NewMetricsScope } from './metrics-builder.ts';
export type { DataPointTypes } from './new-data-point.ts';
export type { NewMetric } from './new-metric.ts';
export type { BatchOptions, TelemetryBatch } from './telemetry-batch.ts';
export type { ResourceView } from './resource-view.ts';
export type { ScopeView } from './scope-view.ts';
export { LogsBatch, type LogsResourceView, type LogsScopeView } from './logs-batch.ts';
export type { LogRecordView } from './log-record-view.ts';
export { TracesBatch, type SpansResourceView, type SpansScopeView } from './traces-batch.ts';
export type { SpanView } from './span-view.ts';
export type { SpanEventView } from './span-event-view.ts';
export type { SpanLinkView } from './span-link-view.ts';
export { MetricsBatch, type DataPointView, type MetricsResourceView, type MetricsScopeView } from './metrics-batch.ts';
export type { MetricData } from './metric-data.ts';
export type { MetricType, MetricView } from './metric-view.ts';
export type { NumberDataPointView } from './number-data-point-view.ts';
export type { HistogramDataPointView } from './histogram-data-point-view.ts';
export type { BucketsView, ExponentialHistogramDataPointView } from './exponential-histogram-data-point-view.ts';
export type { QuantileView, SummaryDataPointView } from './summary-data-point-view.ts';
export type { ExemplarView } from './exemplar-view.ts';
export { ProfilesBatch, type ProfilesResourceView, type ProfilesScopeView } from './profiles-batch.ts';
export type { ProfileView, ValueTypeView } from './profile-view.ts';
export type { ProfileSampleView } from './profile-sample-view.ts';
export type { DictionaryAttribute, ProfilesDictionary } from './profiles-dictionary.ts';
export { validate, type ValidateOptions } from './validate.ts';
export type { Inspection } from './inspect.ts';
export { normalize } from './normalize.ts';
export { InvalidMessage, type InvalidMessageCode, type InvalidMessageDetails } from './invalid-message.ts';
export { protoToJson } from './json-encode.ts';
export { jsonToProto, type JsonToProtoOptions } from './json-decode.ts';
export { jsonLines, requestsToJsonLines } from './json-lines.ts';
export {
  decodeResponse,
  decodeResponseJson,
  decodeStatus,
  decodeStatusJson,
  encodeResponse,
  encodeResponseJson,
  encodeStatus,
  encodeStatusJson,
  type PartialSuccess,
  type RpcStatus,
} from './service-messages.ts';
export { GRPC_METHODS, HTTP_PATHS } from './service-paths.ts';
