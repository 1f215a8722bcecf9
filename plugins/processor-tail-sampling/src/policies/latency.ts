import type { SpanView } from '@millrace/otlp';
import type { Decision } from '../decision.ts';
import type { Policy, Watcher } from './policy.ts';

const NANO_PER_MS = 1_000_000n;

/** Samples traces that take longer than `threshold_ms`, and no longer than `upper_threshold_ms` unless that is 0. */
export class Latency implements Policy, Watcher {
  readonly watchers = [this];
  readonly isStateful: boolean;
  readonly #thresholdMs: bigint;
  readonly #upperThresholdMs: bigint;
  /** 0: no span has said. */
  #start = 0n;
  #end = 0n;

  constructor(settings: { readonly threshold_ms: number; readonly upper_threshold_ms: number }) {
    this.#thresholdMs = BigInt(settings.threshold_ms);
    this.#upperThresholdMs = BigInt(settings.upper_threshold_ms);
    this.isStateful = settings.upper_threshold_ms > 0;
  }

  begin(): void {
    this.#start = 0n;
    this.#end = 0n;
  }

  seesResource(): boolean {
    return false;
  }

  seesSpan(span: SpanView): boolean {
    const start = span.startTimeUnixNano;
    const end = span.endTimeUnixNano;
    if (this.#start === 0n || start < this.#start) this.#start = start;
    if (end > this.#end) this.#end = end;
    return false;
  }

  decide(): Decision {
    const ms = (this.#end - this.#start) / NANO_PER_MS;
    const isBelow = this.#upperThresholdMs === 0n || ms <= this.#upperThresholdMs;
    return ms > this.#thresholdMs && isBelow ? 'sampled' : 'not_sampled';
  }
}
