import type { Clock } from '@millrace/api';
import { DeliveryMetrics } from './delivery-metrics.ts';
import type { DeliveryOptions } from './delivery.ts';
import { RetrySender } from './retry.ts';
import type { SendOutcome } from './retry.ts';
import type { Shipment } from './shipment.ts';
import { SinkStatus } from './sink-status.ts';
import { Trigger } from './trigger.ts';

/** How many of a request's items arrived. */
export interface ItemAccount {
  readonly sentItems: number;
  readonly failedItems: number;
}

/** The sink behind retry and timeout, with its metrics and status, and the two steps of its shutdown. */
export class Shipper {
  /** Shutdown has begun: no more waiting for retries. */
  readonly stop = new Trigger();
  /** The time for the shutdown is over: no more waiting for anything. */
  readonly force = new Trigger();
  readonly metrics: DeliveryMetrics;
  readonly #retry: RetrySender;
  readonly #clock: Clock;

  constructor(options: DeliveryOptions) {
    const { settings, logger, onStatus } = options;
    this.#clock = options.clock;
    this.metrics = new DeliveryMetrics(options.telemetry, options);
    const status = new SinkStatus(logger, onStatus ?? (() => {}));
    this.#retry = new RetrySender({
      id: options.id,
      sink: options.sink,
      clock: options.clock,
      random: options.random,
      logger,
      timeoutMs: settings.timeout ?? 0,
      retry: settings.retry_on_failure,
      stop: this.stop,
      force: this.force,
      onAttempt: (durationMs, error) => {
        this.metrics.attempted(durationMs);
        if (!this.stop.fired) status.attempted(error);
      },
    });
  }

  /** Never rejects. */
  send(shipment: Shipment): Promise<SendOutcome> {
    return this.#retry.send(shipment);
  }

  /** Waits; not beyond the time for the shutdown. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      let unsubscribe = () => {};
      const cancel = this.#clock.after(delayMs, () => {
        unsubscribe();
        resolve();
      });
      unsubscribe = this.force.subscribe(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Counts how a request ended; `kept`: what failed is stored, or will be brought again. */
  account(items: number, outcome: { error: SendOutcome['error']; kept: boolean }): ItemAccount {
    const failedItems = outcome.error === undefined ? 0 : Math.min(items, outcome.error.failedItems ?? items);
    const sentItems = items - failedItems;
    this.metrics.sent(sentItems);
    if (!outcome.kept) this.metrics.sendFailed(failedItems);
    return { sentItems, failedItems };
  }

  /** Waits for `work`, or until the time for the shutdown is over; then the result is undefined. */
  unlessForced<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const unsubscribe = this.force.subscribe(() => {
        resolve(undefined);
      });
      work.then((value) => {
        unsubscribe();
        resolve(value);
      }, reject);
    });
  }
}
