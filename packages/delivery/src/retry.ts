import type { Clock, DeliveryError, Logger, Sink } from '@millrace/api';
import { startAttempt } from './attempt.ts';
import type { Attempt } from './attempt.ts';
import { Backoff } from './backoff.ts';
import { retriesExhausted, shuttingDown } from './delivery-errors.ts';
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
    const { id, clock, retry, stop, force, random, onAttempt } = this.#options;
    const startedAtMs = clock.monotonic();
    const backoff = retry?.enabled === true ? new Backoff(retry, random) : undefined;
    const giveUpAtMs =
      retry === undefined || retry.max_elapsed_time === 0 ? Infinity : startedAtMs + retry.max_elapsed_time;
    if (force.fired) return { error: shuttingDown(id), left: true, attempts: 0, letGo: undefined };
    for (let attempts = 1; ; attempts += 1) {
      const attemptedAtMs = clock.monotonic();
      const attempt = startAttempt(shipment, this.#options);
      const { error } = await attempt.verdict;
      onAttempt(clock.monotonic() - attemptedAtMs, error, shipment);
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
      if (backoff === undefined) return outcome(error);
      if (stop.fired) return outcome(shuttingDown(id, error), true);

      const delayMs = Math.max(backoff.next(), error.retryAfterMs ?? 0);
      if (clock.monotonic() + delayMs > giveUpAtMs) return exhausted(error);
      this.#logRetry(shipment, error, { attempts, delayMs });
      await this.#pause(delayMs);
      if (attempt.answer === undefined) await this.#awaitAnswer(attempt, giveUpAtMs);
      const late = attempt.answer;
      if (late === undefined) return force.fired ? outcome(shuttingDown(id, error), true) : exhausted(error);
      if (late.error === undefined || !late.error.retryable) return outcome(late.error);
      if (force.fired) return outcome(shuttingDown(id, error), true);
    }
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
