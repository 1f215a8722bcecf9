import type { ContextName } from '../context/context-name.ts';
import type { Value } from '../value/value.ts';

/** What a function does, shown and tested. For a log record unless `context` and `otlp` say otherwise. */
export interface Example {
  /** The call of a converter, or a whole statement with an editor. */
  readonly code: string;
  readonly title?: string;
  readonly context?: ContextName;
  /** The record before. */
  readonly given?: Telemetry;
  /** What a converter returns. */
  readonly result?: Value;
  /** What the record is afterwards; what is not named here is not looked at. */
  readonly after?: Telemetry;
  /** A part of the message of the runtime error that is thrown instead. */
  readonly fails?: string;
  /** A part of the message of the error that the configuration gets instead. */
  readonly invalid?: string;
}

/** Maps of attributes are written as objects; `otlp` is a whole request in OTLP/JSON, for other signals than logs. */
export interface Telemetry {
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly body?: Value;
  readonly resource?: Readonly<Record<string, Value>>;
  readonly scope?: Readonly<Record<string, Value>>;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly otlp?: object;
}
