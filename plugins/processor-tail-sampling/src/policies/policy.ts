import type { SpansResourceView, SpanView } from '@millrace/otlp';
import type { Decision } from '../decision.ts';

/** What policies go by that is no span. */
export interface TraceFacts {
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly spanCount: number;
  /** Of its requests, in OTLP protobuf. */
  readonly bytes: number;
}

/**
 * A rule for traces. Its decision on a trace is asked for after its watchers have seen all spans, and only if it matters:
 * what a policy uses up (rates) is used by then alone.
 */
export interface Policy {
  /** What has to see the spans, those of policies inside included. */
  readonly watchers: readonly Watcher[];
  /** Whether the decision depends on more than single spans, so that it may change with the next. */
  readonly isStateful: boolean;
  decide(trace: TraceFacts): Decision;
}

/** Is shown the spans of one trace, one after the other; all watchers are served by one walk over the bytes. */
export interface Watcher {
  /** A new trace: forgets the one before. */
  begin(): void;
  /** True when no other span or resource can change what it knows: it sees no more of this trace. */
  seesResource(resource: SpansResourceView): boolean;
  /** As `seesResource`. */
  seesSpan(span: SpanView): boolean;
}

export const NO_WATCHERS: readonly Watcher[] = [];
