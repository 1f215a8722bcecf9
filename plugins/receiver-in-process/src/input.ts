import type { AnyValueInput } from '@millrace/otlp';

/**
 * A value of an attribute or a body: whole numbers become integers, others doubles, `bigint` integers of 64 bits,
 * `Uint8Array` bytes; arrays and objects nest.
 */
export type Value = AnyValueInput;

export type Attributes = Readonly<Record<string, Value | undefined>>;

/** A moment: a Date, milliseconds since the Unix epoch (with fractions down to a microsecond), or nanoseconds as a bigint. */
export type Time = Date | number | bigint;

/** Where records come from; for records in the plain form. */
export interface Origin {
  /** Attributes of the resource, such as `{ 'service.name': 'shop' }`. */
  readonly resource?: Attributes;
  readonly scope?: { readonly name: string; readonly version?: string; readonly attributes?: Attributes };
}

/** An OTLP export request in the JSON form, as an object: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export type OtlpJson<Key extends string> = { readonly [K in Key]: readonly object[] };

/** OTLP protobuf bytes of an export request, the same as a JSON object, or plain records. */
export type LogsInput = Uint8Array | OtlpJson<'resourceLogs'> | readonly LogInput[];
export type TracesInput = Uint8Array | OtlpJson<'resourceSpans'> | readonly SpanInput[];
export type MetricsInput = Uint8Array | OtlpJson<'resourceMetrics'> | readonly MetricInput[];
export type ProfilesInput = Uint8Array | OtlpJson<'resourceProfiles'>;

export type Severity = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** A log record. */
export interface LogInput {
  readonly body?: Value;
  /** A name, or a number from 1 to 24 as OTLP has them. */
  readonly severity?: Severity | number;
  /** Default: the name of the severity in capitals, where that was given by its name. */
  readonly severityText?: string;
  /** Default: now. */
  readonly time?: Time;
  readonly attributes?: Attributes;
  /** Makes the record an event of this name. */
  readonly eventName?: string;
  /** 32 hex digits. */
  readonly traceId?: string;
  /** 16 hex digits. */
  readonly spanId?: string;
  /** W3C trace flags: 1 is sampled. */
  readonly traceFlags?: number;
}

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A span that has ended. */
export interface SpanInput {
  readonly name: string;
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** Default: internal. */
  readonly kind?: SpanKind;
  readonly start: Time;
  readonly end: Time;
  readonly attributes?: Attributes;
  readonly status?: { readonly code: 'ok' | 'error'; readonly message?: string };
  readonly events?: readonly { readonly name: string; readonly time: Time; readonly attributes?: Attributes }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string; readonly attributes?: Attributes }[];
  readonly traceState?: string;
  /** W3C trace flags: 1 is sampled. */
  readonly traceFlags?: number;
}

/** One data point of a metric; points of the same metric are put together. Types that are not here go as OTLP. */
export type MetricInput = GaugeInput | SumInput | HistogramInput;

interface PointInput {
  readonly name: string;
  readonly unit?: string;
  readonly description?: string;
  readonly attributes?: Attributes;
  /** Default: now. */
  readonly time?: Time;
  /** Begin of the interval that sums and histograms are over. */
  readonly start?: Time;
}

/** The value at this moment. A number is written as a double, a bigint as an integer. */
export interface GaugeInput extends PointInput {
  readonly type: 'gauge';
  readonly value: number | bigint;
}

/** What was added up: since the last point (`delta`) or since `start` (`cumulative`). */
export interface SumInput extends PointInput {
  readonly type: 'sum';
  readonly value: number | bigint;
  readonly temporality: 'delta' | 'cumulative';
  /** Default: true, it never falls. */
  readonly monotonic?: boolean;
}

/** How often values fell between bounds. */
export interface HistogramInput extends PointInput {
  readonly type: 'histogram';
  readonly temporality: 'delta' | 'cumulative';
  readonly count: number | bigint;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  /** Upper bounds of all buckets but the last, rising. */
  readonly bounds?: readonly number[];
  /** One more than there are bounds. */
  readonly counts?: readonly (number | bigint)[];
}
