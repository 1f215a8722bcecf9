import {
  type ClientContext,
  type Counter,
  DeliveryError,
  messageOf,
  permanent,
  type StatefulHost,
} from '@millrace/api';
import type { Settle } from './deduplicator.ts';

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 5_000;

/** What deliveries answer when they will never take anything again. */
const SHUTDOWN_CODE = 'SHUTDOWN';

export interface Parcel {
  readonly chunks: readonly Uint8Array[];
  /** Records that these stand for. */
  readonly items: number;
  readonly context: ClientContext | undefined;
}

/**
 * Passes on what was gathered. Senders that wait are told what became of it; where they were answered before, it tries
 * until it is taken or can never be.
 */
export class Emitter {
  readonly #host: StatefulHost;
  readonly #dropped: Counter;
  readonly #sends = new Set<Promise<void>>();
  /** Ends the pauses between tries. */
  readonly #wakes = new Set<() => void>();
  #items = 0;
  #isClosing = false;

  constructor(host: StatefulHost) {
    this.#host = host;
    this.#dropped = host.telemetry.counter('processor_dropped_items', {
      description: 'Number of items that processors dropped on purpose',
      unit: '{items}',
    });
  }

  /** Records that nobody has taken yet. */
  get items(): number {
    return this.#items;
  }

  emit(parcel: Parcel, waiters: readonly Settle[]): void {
    this.#items += parcel.items;
    const send = this.#send(parcel, waiters).finally(() => this.#sends.delete(send));
    this.#sends.add(send);
  }

  /** From now on there is no time for pauses. */
  close(): void {
    this.#isClosing = true;
    for (const wake of this.#wakes) wake();
  }

  async settled(): Promise<void> {
    while (this.#sends.size > 0) await Promise.all(this.#sends);
  }

  async #send(parcel: Parcel, waiters: readonly Settle[]): Promise<void> {
    const waits = this.#host.guarantee === 'safe';
    const error = waits ? await this.#once(parcel) : await this.#until(parcel);
    // After the end, what is left is still to be reported.
    if (waits || error?.code !== SHUTDOWN_CODE) this.#items -= parcel.items;
    for (const settle of waiters) settle(error);
  }

  async #once({ chunks, context }: Parcel): Promise<DeliveryError | undefined> {
    try {
      await this.#host.next([this.#host.makeBatch(chunks, { context })]);
      return undefined;
    } catch (error) {
      return error instanceof DeliveryError ? error : permanent(messageOf(error), { cause: error });
    }
  }

  async #until(parcel: Parcel): Promise<DeliveryError | undefined> {
    for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
      const error = await this.#once(parcel);
      if (error === undefined) return undefined;
      if (!error.retryable || error.code === SHUTDOWN_CODE) {
        const { items } = parcel;
        this.#host.logger.error('dropping deduplicated records', { items, code: error.code, reason: error.message });
        this.#dropped.add(items, { processor: this.#host.id, reason: 'refused' });
        return error;
      }
      await this.#pause(this.#isClosing ? RETRY_FIRST_MS : Math.max(delayMs, error.retryAfterMs ?? 0));
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#wakes.delete(wake);
        resolve();
      };
      const cancel = this.#host.clock.after(delayMs, wake);
      this.#wakes.add(wake);
    });
  }
}
