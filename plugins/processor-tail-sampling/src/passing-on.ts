import { type Batch, DeliveryError, messageOf, permanent, type StatefulHost } from '@millrace/api';
import type { Receipt } from './receipt.ts';

/** One call of `next` gets at most this much: destinations need not take more at a time because many traces are due. */
const PASS_BYTES_MAX = 1024 * 1024;

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 5_000;

/** What deliveries answer when they will never take anything again. */
const SHUTDOWN_CODE = 'SHUTDOWN';

interface Parcel {
  readonly batches: Batch[];
  readonly receipts: Receipt[];
  spans: number;
  bytes: number;
}

/**
 * Passes sampled spans on. Where senders wait for it, they are told what became of their spans. Where they were answered
 * before, it tries until the spans are taken or can never be.
 */
export class PassingOn {
  readonly #host: StatefulHost;
  readonly #waits: boolean;
  readonly #onDropped: (spans: number, reason: 'refused' | 'shutdown') => void;
  #parcel: Parcel = emptyParcel();
  #spans = 0;
  #isClosing = false;
  readonly #sends = new Set<Promise<void>>();
  /** Ends the pauses between tries. */
  readonly #wakes = new Set<() => void>();

  /** `waits`: whether senders wait for what is passed on. */
  constructor(
    host: StatefulHost,
    options: {
      readonly waits: boolean;
      readonly onDropped: (spans: number, reason: 'refused' | 'shutdown') => void;
    },
  ) {
    this.#host = host;
    this.#waits = options.waits;
    this.#onDropped = options.onDropped;
  }

  /** Spans that nobody has taken yet. */
  get spans(): number {
    return this.#spans;
  }

  /** Takes batches over, to be sent with the next `flush` or before. */
  add(batches: readonly Batch[], spans: number, receipts: readonly Receipt[]): void {
    const bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0);
    if (this.#parcel.spans > 0 && this.#parcel.bytes + bytes > PASS_BYTES_MAX) this.flush();
    const parcel = this.#parcel;
    parcel.batches.push(...batches);
    parcel.receipts.push(...receipts);
    parcel.spans += spans;
    parcel.bytes += bytes;
    this.#spans += spans;
  }

  flush(): void {
    if (this.#parcel.batches.length === 0) return;
    const send = this.#send(this.#parcel).finally(() => this.#sends.delete(send));
    this.#parcel = emptyParcel();
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

  async #send(parcel: Parcel): Promise<void> {
    const error = this.#waits ? await this.#once(parcel.batches) : await this.#until(parcel);
    // After the end, what is left is still to be reported.
    if (error?.code !== SHUTDOWN_CODE || this.#waits) this.#spans -= parcel.spans;
    for (const receipt of parcel.receipts) receipt.settle(error);
  }

  async #once(batches: readonly Batch[]): Promise<DeliveryError | undefined> {
    try {
      await this.#host.next(batches);
      return undefined;
    } catch (error) {
      return error instanceof DeliveryError ? error : permanent(messageOf(error), { cause: error });
    }
  }

  async #until({ batches, spans }: Parcel): Promise<DeliveryError | undefined> {
    for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
      const error = await this.#once(batches.map((batch) => batch.share()));
      if (error !== undefined && error.retryable && error.code !== SHUTDOWN_CODE) {
        await this.#pause(this.#isClosing ? RETRY_FIRST_MS : Math.max(delayMs, error.retryAfterMs ?? 0));
        continue;
      }
      for (const batch of batches) batch.release();
      if (error !== undefined) {
        this.#host.logger.error('dropping sampled spans', { items: spans, code: error.code, reason: error.message });
        this.#onDropped(spans, error.code === SHUTDOWN_CODE ? 'shutdown' : 'refused');
      }
      return error;
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

function emptyParcel(): Parcel {
  return { batches: [], receipts: [], spans: 0, bytes: 0 };
}
