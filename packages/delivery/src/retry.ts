import type { Clock, DeliveryError, Logger, Sink } from '@millrace/api';
import { startAttempt } from './attempt.ts';
import type { Attempt } from './attempt.ts';
import { Backoff } from './backoff.ts';
import { type Circuit, Passage } from './circuit.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';
import { circuitOpen, retriesExhausted, shuttingDown } from './delivery-errors.ts';
import type { RetrySettings } from './settings.ts';
import type { Shipment } from './shipment.ts';
import { Trigger } from './trigger.ts';

/** What became of a shipment. */
export interface SendOutcome {
  /** Why it, or `failedItems` of it, did not arrive; undefined: all of it has. */
  readonly error: DeliveryError | undefined;
  /** Trying on would have made sense, but the collector is shutting down. */
  readonly left: boolean;
  /** How many times the sink was called. */
  readonly attempts: number;
  /** Comes when the sink lets go of the bytes; undefined: it has. */
  readonly letGo: Promise<unknown> | undefined;
}

export interface RetryOptions {
  readonly id: string;
  readonly sink: Pick<Sink, 'send'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly timeoutMs: number;
  /** Undefined, or `enabled: false`: one attempt. */
  readonly retry: RetrySettings | undefined;
  /** Fires when shutdown begins: waits end, and one last attempt is made. */
  readonly stop: Trigger;
  /** Fires when the time for the shutdown is over: nothing is waited for any more. */
  readonly force: Trigger;
  /** Holds loads back while the destination is away; undefined: each is tried by itself. */
  readonly circuit: Circuit | undefined;
  /** How many are sent at a time; undefined: as many as come. */
  readonly limit: ConcurrencyLimit | undefined;
  /** Whether the time that a load waits for its first attempt counts: somebody waits for it. */
  readonly isAwaited: boolean;
  /** Told after every attempt. */
  readonly onAttempt: (durationMs: number, error: DeliveryError | undefined, shipment: Shipment) => void;
}

/**
 * Sends a shipment until it has arrived, is refused for good, or time is up.
 *
 * A shipment is never with the sink twice at a time: when a sink goes on after its abort, the next attempt waits for
 * it, and a late answer counts.
 */
export class RetrySender {
  readonly #options: RetryOptions;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async send(shipment: Shipment): Promise<SendOutcome> {
    const { id, retry, random, force, circuit } = this.#options;
    if (force.fired) return { error: shuttingDown(id), left: true, attempts: 0, letGo: undefined };
    const passage = retry?.enabled === true ? new Passage(new Backoff(retry, random)) : undefined;
    if (passage === undefined || circuit === undefined) return this.#send(shipment, passage);
    try {
      return await this.#send(shipment, passage);
    } finally {
      circuit.left(passage);
    }
  }

  async #send(shipment: Shipment, passage: Passage | undefined): Promise<SendOutcome> {
    const { id, clock, retry, stop, force, isAwaited } = this.#options;
    let startedAtMs = clock.monotonic();
    const giveUpAtMs = () =>
      retry === undefined || retry.max_elapsed_time === 0 ? Infinity : startedAtMs + retry.max_elapsed_time;
    let last: DeliveryError | undefined;
    for (let attempts = 1; ; attempts += 1) {
      const waitUntilMs = attempts === 1 && !isAwaited ? Infinity : giveUpAtMs();
      const permit = await this.#admitted(passage, waitUntilMs);
      if (permit === undefined) {
        const spent = { attempts: attempts - 1, ms: clock.monotonic() - startedAtMs };
        const error = last === undefined ? circuitOpen(id) : retriesExhausted(id, last, spent);
        return { error, left: false, attempts: attempts - 1, letGo: undefined };
      }
      if (attempts === 1 && !isAwaited) startedAtMs = clock.monotonic();
      if (force.fired) return { error: shuttingDown(id, last), left: true, attempts: attempts - 1, letGo: undefined };
      const attempt = startAttempt(shipment, this.#options);
      const error = await this.#verdict(attempt, shipment, { passage, permit });
      last = error;
      const outcome = (error: DeliveryError | undefined, left = false): SendOutcome => ({
        error,
        left,
        attempts,
        letGo: attempt.answer === undefined ? attempt.settled : undefined,
      });
      const exhausted = (error: DeliveryError) =>
        outcome(retriesExhausted(id, error, { attempts, ms: clock.monotonic() - startedAtMs }));

      if (error === undefined || !error.retryable) return outcome(error);
      if (force.fired) return outcome(error.code === 'SHUTDOWN' ? error : shuttingDown(id, error), true);
      if (passage === undefined) return outcome(error);
      if (stop.fired) return outcome(shuttingDown(id, error), true);

      const delayMs = Math.max(passage.backoff.next(), error.retryAfterMs ?? 0);
      if (clock.monotonic() + delayMs > giveUpAtMs()) return exhausted(error);
      this.#logRetry(shipment, error, { attempts, delayMs });
      await this.#pause(delayMs);
      if (attempt.answer === undefined) await this.#awaitAnswer(attempt, giveUpAtMs());
      const late = attempt.answer;
      if (late === undefined) return force.fired ? outcome(shuttingDown(id, error), true) : exhausted(error);
      if (late.error === undefined || !late.error.retryable) return outcome(late.error);
      if (force.fired) return outcome(shuttingDown(id, error), true);
    }
  }

  /** Waits until a load may be sent; undefined when the time for that is over. A shutdown lets every load try once more. */
  async #admitted(passage: Passage | undefined, untilMs: number): Promise<number | undefined> {
    const { circuit, limit, clock, stop } = this.#options;
    if (circuit !== undefined && passage !== undefined) {
      while (!circuit.admits(passage) && !stop.fired) {
        if (clock.monotonic() >= untilMs) return undefined;
        await circuit.wait(passage, { ms: untilMs, stop });
      }
    }
    return limit === undefined ? 0 : limit.acquire();
  }

  async #verdict(
    attempt: Attempt,
    shipment: Shipment,
    { passage, permit }: { readonly passage: Passage | undefined; readonly permit: number },
  ): Promise<DeliveryError | undefined> {
    const { circuit, limit, clock, onAttempt } = this.#options;
    const startedAtMs = clock.monotonic();
    if (passage !== undefined) circuit?.began(passage);
    const { error } = await attempt.verdict;
    const durationMs = clock.monotonic() - startedAtMs;
    limit?.release(permit, durationMs, error);
    onAttempt(durationMs, error, shipment);
    if (passage !== undefined) circuit?.ended(passage, error);
    return error;
  }

  /** Waits out the backoff; shutdown cuts it short. */
  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      let unsubscribe = () => {};
      const cancel = this.#options.clock.after(delayMs, () => {
        unsubscribe();
        resolve();
      });
      unsubscribe = this.#options.stop.subscribe(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Waits for a sink that goes on after its abort. */
  async #awaitAnswer(attempt: Attempt, untilMs: number): Promise<void> {
    const { clock, force, logger } = this.#options;
    logger.warn('the exporter goes on with a request that was aborted; the next attempt waits for it');
    await new Promise<void>((resolve) => {
      const done = new Trigger();
      done.subscribe(resolve);
      if (untilMs < Infinity) {
        const cancel = clock.after(Math.max(0, untilMs - clock.monotonic()), () => {
          done.fire();
        });
        done.subscribe(cancel);
      }
      const unsubscribe = force.subscribe(() => {
        done.fire();
      });
      done.subscribe(unsubscribe);
      void attempt.settled.then(() => {
        done.fire();
      });
    });
  }

  #logRetry(shipment: Shipment, error: DeliveryError, retry: { attempts: number; delayMs: number }): void {
    this.#options.logger.info('sending failed, will try again', {
      error: error.message,
      code: error.code,
      items: shipment.items,
      attempts: retry.attempts,
      retryInMs: Math.round(retry.delayMs),
    });
  }
}
