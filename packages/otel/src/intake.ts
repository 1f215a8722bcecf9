/**
 * What takes the telemetry: a receiver of a Millrace collector in this process, `collector.receiver('app')`. Each call is
 * given an OTLP export request as protobuf. It resolves when the pipelines have taken responsibility; an error that it
 * rejects with says by `retryable` whether the same call may succeed later, and by `retryAfterMs` when.
 */
export interface Intake {
  traces(request: Uint8Array): Promise<unknown>;
  logs(request: Uint8Array): Promise<unknown>;
  metrics(request: Uint8Array): Promise<unknown>;
}

/** The fields of Millrace's DeliveryError that say what to do; other errors have none of them. */
export interface Refusal {
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  /** On a permanent error: the other items were taken. */
  readonly failedItems?: number;
}
