import {
  type Batch,
  type Counter,
  DeliveryError,
  type Histogram,
  ITEM_NAMES,
  messageOf,
  permanent,
  type StatefulHost,
  type StatefulProcessor,
} from '@millrace/api';

export interface BatcherSettings {
  readonly send_batch_size: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly send_batch_max_size: number;
}

/** Someone who waits until a batch, or the pieces it was cut into, is safe. */
interface Waiter {
  /** Pieces that are not settled yet. */
  pieces: number;
  error: DeliveryError | undefined;
  readonly settle: (error: DeliveryError | undefined) => void;
}

interface Held {
  readonly batch: Batch;
  readonly waiter: Waiter | undefined;
}

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 5_000;

/** What deliveries answer when they will never take anything again. */
const SHUTDOWN_CODE = 'SHUTDOWN';

/**
 * Holds batches until there are enough items or the oldest has waited long enough.
 *
 * Where the rest of the pipeline acknowledges only what is safe, senders wait for their data's flush. Where it
 * acknowledges into memory anyway, the batcher does so too, at once, as waiting would make senders slow and nothing
 * safer; it then keeps trying to pass a refused batch on, and the bound on bytes in flight holds new data off.
 */
export class Batcher implements StatefulProcessor {
  readonly #settings: BatcherSettings;
  readonly #host: StatefulHost;
  readonly #sizeTriggers: Counter;
  readonly #timeoutTriggers: Counter;
  readonly #sendSize: Histogram;
  readonly #dropped: Counter;
  #held: Held[] = [];
  #items = 0;
  /** Acknowledged, and not yet taken by anybody else. */
  #heldItems = 0;
  #cancelTimer: (() => void) | undefined;
  #closing = false;
  /** Flushes under way. */
  readonly #flushes = new Set<Promise<void>>();
  /** Ends the pauses between tries. */
  readonly #wakes = new Set<() => void>();

  constructor(settings: BatcherSettings, host: StatefulHost) {
    this.#settings = settings;
    this.#host = host;
    const { telemetry } = host;
    this.#sizeTriggers = telemetry.counter('processor_batch_batch_size_trigger_send', {
      description: 'Number of times the batch was sent due to a size trigger',
      unit: '{times}',
    });
    this.#timeoutTriggers = telemetry.counter('processor_batch_timeout_trigger_send', {
      description: 'Number of times the batch was sent due to a timeout trigger',
      unit: '{times}',
    });
    const items = ITEM_NAMES[host.signal];
    this.#dropped = telemetry.counter(`processor_dropped_${items}`, {
      description: `Number of ${items.replaceAll('_', ' ')} that were dropped`,
      unit: `{${items}}`,
    });
    this.#sendSize = telemetry.histogram('processor_batch_batch_send_size', {
      description: 'Number of units in the batch',
      unit: '{units}',
      boundaries: [10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 5000, 8000, 10_000, 20_000, 50_000, 100_000],
    });
  }

  get heldItems(): number {
    return this.#heldItems;
  }

  consume(batch: Batch): Promise<void> {
    const { guarantee } = this.#host;
    if (guarantee === 'memory') this.#heldItems += batch.items;
    const safe = new Promise<void>((resolve, reject) => {
      const settle = (error: DeliveryError | undefined) => (error === undefined ? resolve() : reject(error));
      this.#held.push({ batch, waiter: guarantee === 'safe' ? { pieces: 1, error: undefined, settle } : undefined });
      if (guarantee === 'memory') resolve();
    });
    this.#items += batch.items;
    const { send_batch_size, timeout } = this.#settings;
    if (this.#closing || timeout === 0 || this.#items >= send_batch_size) this.#flush(this.#sizeTriggers);
    else this.#cancelTimer ??= this.#host.clock.after(timeout, () => this.#flush(this.#timeoutTriggers));
    return safe;
  }

  /** Sends what is held. Batches that still come are passed on without waiting. */
  async shutdown(): Promise<void> {
    this.#closing = true;
    for (const wake of this.#wakes) wake();
    if (this.#held.length > 0) this.#flush(this.#timeoutTriggers);
    await this.settled();
  }

  async settled(): Promise<void> {
    while (this.#flushes.size > 0) await Promise.all(this.#flushes);
  }

  #flush(trigger: Counter): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const held = this.#held;
    this.#held = [];
    this.#items = 0;
    for (const group of this.#cut(held)) {
      trigger.add(1, { processor: this.#host.id });
      const flush = this.#send(group).finally(() => this.#flushes.delete(flush));
      this.#flushes.add(flush);
    }
  }

  /** Groups of at most `send_batch_max_size` items, in order. */
  #cut(held: readonly Held[]): Held[][] {
    const { send_batch_max_size: maxItems } = this.#settings;
    if (maxItems === 0) return [[...held]];
    const groups: Held[][] = [[]];
    let room = maxItems;
    for (const { batch, waiter } of held) {
      const pieces = batch.items <= maxItems ? [batch] : this.#pieces(batch, maxItems);
      if (waiter !== undefined) waiter.pieces = pieces.length;
      for (const piece of pieces) {
        if (piece.items > room) {
          groups.push([]);
          room = maxItems;
        }
        (groups.at(-1) as Held[]).push({ batch: piece, waiter });
        room -= piece.items;
      }
    }
    return groups.filter((group) => group.length > 0);
  }

  /** Where memory is too short for cutting, a batch leaves as it is: too large is better than stuck. */
  #pieces(batch: Batch, maxItems: number): readonly Batch[] {
    try {
      return this.#host.split(batch, maxItems);
    } catch (error) {
      this.#host.logger.warn('sending a batch uncut', { items: batch.items, reason: messageOf(error) });
      return [batch];
    }
  }

  async #send(group: readonly Held[]): Promise<void> {
    this.#sendSize.record(
      group.reduce((sum, { batch }) => sum + batch.items, 0),
      { processor: this.#host.id },
    );
    const waited = group.some(({ waiter }) => waiter !== undefined);
    const error = waited ? await this.#once(group) : await this.#until(group);
    for (const { waiter } of group) {
      if (waiter === undefined) continue;
      waiter.error ??= error;
      waiter.pieces--;
      if (waiter.pieces === 0) waiter.settle(waiter.error);
    }
  }

  async #once(group: readonly Held[]): Promise<DeliveryError | undefined> {
    try {
      await this.#host.next(group.map(({ batch }) => batch));
      return undefined;
    } catch (error) {
      return error instanceof DeliveryError ? error : permanent(messageOf(error), { cause: error });
    }
  }

  /** Nobody waits any more: tries until the batch is taken or can never be. */
  async #until(group: readonly Held[]): Promise<undefined> {
    const items = group.reduce((sum, { batch }) => sum + batch.items, 0);
    for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
      const error = await this.#once(group.map(({ batch }) => ({ batch: batch.share(), waiter: undefined })));
      const hasEnded = error?.code === SHUTDOWN_CODE;
      if (error === undefined || !error.retryable || hasEnded) {
        if (error !== undefined) {
          this.#dropped.add(items, { processor: this.#host.id });
          this.#host.logger.error('dropping a batch', { items, code: error.code, reason: error.message });
        }
        if (!hasEnded) this.#heldItems -= items;
        for (const { batch } of group) batch.release();
        return undefined;
      }
      // A collector that stops has no time for long pauses, and ends them itself.
      await this.#pause(this.#closing ? RETRY_FIRST_MS : Math.max(delayMs, error.retryAfterMs ?? 0));
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
