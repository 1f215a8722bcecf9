import { type Batch, type Clock, DeliveryError, type Logger } from '@millrace/api';
import { type DeadLetter, type GivenUp, keepAll } from './dead-letter/dead-letter.ts';
import { Circuit } from './circuit.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import { DeliveryMetrics } from './delivery-metrics.ts';
import type { DeliveryOptions } from './delivery.ts';
import { RetrySender } from './retry.ts';
import type { SendOutcome } from './retry.ts';
import { adaptiveOf } from './settings.ts';
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
  readonly #id: string;
  readonly #retry: RetrySender;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #deadLetter: DeadLetter | undefined;
  readonly #circuit: Circuit | undefined;
  readonly #limit: ConcurrencyLimit | undefined;

  constructor(options: DeliveryOptions) {
    const { settings, logger, onStatus } = options;
    this.#id = options.id;
    this.#clock = options.clock;
    this.#logger = logger;
    this.#deadLetter = options.deadLetter;
    this.metrics = new DeliveryMetrics(options.telemetry, options);
    const status = new SinkStatus(logger, onStatus ?? (() => {}));
    const { circuit_breaker: breaker, sending_queue: queue } = settings;
    if (breaker?.enabled === true && settings.retry_on_failure?.enabled === true) {
      this.#circuit = new Circuit({
        failures: breaker.failures,
        clock: options.clock,
        onChange: (isOpen, error) => {
          if (!this.stop.fired) status.circuitChanged(isOpen, error);
        },
      });
    }
    const adaptive = adaptiveOf(settings);
    if (adaptive !== undefined) {
      const limit = new ConcurrencyLimit(adaptive);
      this.#limit = limit;
      this.force.subscribe(() => limit.open());
    }
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
      circuit: this.#circuit,
      limit: this.#limit,
      isAwaited: queue?.enabled !== true,
      onAttempt: (durationMs, error) => {
        this.metrics.attempted(durationMs);
        if (!this.stop.fired) status.attempted(error);
      },
    });
  }

  /** Shows the circuit and the concurrency, where there are any; the result stops it. */
  observe(): () => void {
    const circuit = this.#circuit;
    const limit = this.#limit;
    const stops = [
      ...(circuit === undefined ? [] : [this.metrics.observeCircuit(() => circuit.state)]),
      ...(limit === undefined ? [] : [this.metrics.observeLimit(() => limit.limit)]),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Never rejects. */
  async send(shipment: Shipment): Promise<SendOutcome> {
    const { unencoded } = shipment;
    if (unencoded === undefined) return this.#retry.send(shipment);
    const outcome = await this.#retry.send({ ...shipment, items: shipment.items - failedOf(unencoded) });
    return { ...outcome, error: joined(outcome.error, unencoded) };
  }

  /**
   * Leaves loads in the dead letter; the result says why they are not there. With `waits`, one that has no room is asked
   * again until a shutdown begins: nobody else has the data.
   */
  async bury(
    loads: readonly (Shipment | Batch)[],
    why: Omit<GivenUp, 'lastMs'>,
    { waits }: { readonly waits: boolean },
  ): Promise<DeliveryError | undefined> {
    const deadLetter = this.#deadLetter;
    if (deadLetter === undefined) return why.error;
    const { error, attempts } = why;
    const failure = await keepAll(
      loads,
      { ...why, lastMs: this.#clock.now() },
      {
        id: this.#id,
        deadLetter,
        isOver: () => !waits || this.stop.fired,
        pause: (delayMs) => this.pause(delayMs, this.stop),
        onRefused: (refusal) =>
          this.#logger.error('the dead letter takes nothing; what belongs there waits, and is asked again', {
            error: refusal.message,
            code: refusal.code,
          }),
      },
    );
    if (failure !== undefined) return failure;
    const items = loads.reduce((sum, load) => sum + load.items, 0);
    this.metrics.deadLettered(items);
    this.#logger.warn('data goes to the dead letter', { error: error.message, code: error.code, items, attempts });
    return undefined;
  }

  /** Waits; not beyond the time for the shutdown, or its begin. */
  pause(delayMs: number, end = this.force): Promise<void> {
    return new Promise((resolve) => {
      let unsubscribe = () => {};
      const cancel = this.#clock.after(delayMs, () => {
        unsubscribe();
        resolve();
      });
      unsubscribe = end.subscribe(() => {
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

  /** Waits for the end of a shutdown, of which the time is over at a deadline on the clock's monotonic time. */
  async endBy<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
    const cancel = this.#clock.after(Math.max(0, deadlineMs - this.#clock.monotonic()), () => this.force.fire());
    try {
      return await work;
    } finally {
      cancel();
    }
  }

  /** Waits for `work`, or until the time for the shutdown is over; then the result is `otherwise`. */
  unlessForced<T>(work: Promise<T>): Promise<T | undefined>;
  unlessForced<T>(work: Promise<T>, otherwise: T): Promise<T>;
  unlessForced<T>(work: Promise<T>, otherwise?: T): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const unsubscribe = this.force.subscribe(() => {
        resolve(otherwise);
      });
      work.then((value) => {
        unsubscribe();
        resolve(value);
      }, reject);
    });
  }
}

function failedOf({ failedItems = 0 }: DeliveryError): number {
  return failedItems;
}

/** What became of a whole of which a part could not be encoded. */
function joined(error: DeliveryError | undefined, unencoded: DeliveryError): DeliveryError {
  if (error === undefined) return unencoded;
  if (error.failedItems === undefined) return error;
  const { message, code, retryable } = error;
  const failedItems = error.failedItems + failedOf(unencoded);
  return new DeliveryError(message, { code, retryable, failedItems, cause: error });
}
