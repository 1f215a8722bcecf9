import type { Signal } from './signal.ts';

/**
 * OTLP bytes on their way through the main thread, with what travels beside them.
 *
 * The bytes are whole Export{Logs,Trace,Metrics,Profiles}ServiceRequest messages; several chunks stand for their
 * concatenation, which merges them. They often lie in pooled shared memory, so exactly one holder owns a batch at a
 * time: whoever is handed one either passes it on or calls {@link release}, once. After that the bytes must not be
 * read.
 */
export interface Batch {
  readonly signal: Signal;
  readonly chunks: readonly Uint8Array[];
  /** Log records, spans, data points or profiles. */
  readonly items: number;
  /** Sum of the chunks' lengths. */
  readonly bytes: number;
  /** Who sent it; undefined after batches of several senders were merged. */
  readonly context: ClientContext | undefined;
  /** Another owner of the same bytes; each one releases for itself. */
  share(): Batch;
  release(): void;
}

/** What a receiver knows about the sender, available to processors that ask for it. */
export interface ClientContext {
  /** Remote address without the port. */
  readonly address?: string;
  /** Request metadata with lower-case names; only where the receiver has `include_metadata: true`. */
  readonly metadata?: Readonly<Record<string, readonly string[]>>;
}
