import {
  DeliveryError,
  messageOf,
  permanent,
  type Receipt,
  type ReceiverHost,
  retryable,
  type Signal,
} from '@millrace/api';
import { encodeLogs } from './encode-logs.ts';
import { encodeMetrics } from './encode-metrics.ts';
import { encodeTraces } from './encode-traces.ts';
import { InputEncoder } from './input-encoder.ts';
import type { LogsInput, MetricsInput, Origin, ProfilesInput, TracesInput } from './input.ts';

/**
 * Takes telemetry in the process that makes it. Each call hands over one request and resolves when every pipeline has
 * taken responsibility: delivered it, or stored it as its guarantee says. It rejects with a DeliveryError when not: then
 * nobody has the data (`failedItems` on a permanent one: only so many were refused). Where the error is `retryable`,
 * the same call may succeed later, after `retryAfterMs` where that is given. Nothing is read after a call has returned.
 */
export class InProcessReceiver {
  readonly #host: ReceiverHost;
  readonly #encoder = new InputEncoder();
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(host: ReceiverHost) {
    this.#host = host;
  }

  logs(input: LogsInput, origin?: Origin): Promise<Receipt> {
    return this.#take('logs', () => this.#encoder.encode('logs', input, origin, encodeLogs));
  }

  traces(input: TracesInput, origin?: Origin): Promise<Receipt> {
    return this.#take('traces', () => this.#encoder.encode('traces', input, origin, encodeTraces));
  }

  metrics(input: MetricsInput, origin?: Origin): Promise<Receipt> {
    return this.#take('metrics', () => this.#encoder.encode('metrics', input, origin, encodeMetrics));
  }

  profiles(input: ProfilesInput): Promise<Receipt> {
    return this.#take('profiles', () => this.#encoder.encode('profiles', input));
  }

  /** Refuses from now on; resolves when all that it has taken is settled. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#underWay);
  }

  #take(signal: Signal, encode: () => Uint8Array): Promise<Receipt> {
    const taking = this.#hand(signal, encode);
    const settled = taking.then(noop, noop).finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
    return taking;
  }

  async #hand(signal: Signal, encode: () => Uint8Array): Promise<Receipt> {
    if (this.#isClosed)
      throw retryable('the collector is shutting down', { code: 'SHUTTING_DOWN', retryAfterMs: 1_000 });
    const request = encoded(signal, encode);
    const body = this.#host.admit(signal, request.length);
    try {
      body.append(request);
    } catch (error) {
      body.release();
      throw error;
    }
    return this.#host.consume(signal, { body, transport: 'in_process' });
  }
}

/** @throws {DeliveryError} permanent, for input that is none. */
function encoded(signal: Signal, encode: () => Uint8Array): Uint8Array {
  try {
    return encode();
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    throw permanent(`the ${signal} cannot be encoded: ${messageOf(error)}`, { code: 'INVALID_INPUT', cause: error });
  }
}

const noop = () => undefined;
