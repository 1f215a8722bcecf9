import type { DeliveryError, Logger } from '@millrace/api';

/** What a sink's answers say of the destination. */
export type SinkState = 'ok' | 'recoverable_error' | 'permanent_error';

/** One failure may be chance; this many in a row are reported. */
const FAILURES_UNTIL_REPORT = 2;
/** So many refusals for good in a row are not the data's fault: wrong address, revoked key, ... */
const REFUSALS_UNTIL_PERMANENT = 5;

/** Turns the outcomes of attempts into a status, and reports its changes. */
export class SinkStatus {
  readonly #onStatus: (state: SinkState, message?: string) => void;
  readonly #logger: Logger;
  #state: SinkState = 'ok';
  #failures = 0;
  #refusals = 0;

  constructor(logger: Logger, onStatus: (state: SinkState, message?: string) => void) {
    this.#logger = logger;
    this.#onStatus = onStatus;
  }

  attempted(error: DeliveryError | undefined): void {
    // A part that was taken shows that the destination works.
    if (error === undefined || error.failedItems !== undefined) {
      this.#failures = 0;
      this.#refusals = 0;
      this.#change('ok');
      return;
    }
    this.#failures += 1;
    this.#refusals = error.retryable ? 0 : this.#refusals + 1;
    if (this.#refusals >= REFUSALS_UNTIL_PERMANENT) this.#change('permanent_error', error.message);
    else if (this.#failures >= FAILURES_UNTIL_REPORT) this.#change('recoverable_error', error.message);
  }

  /** While it is open, the status says so. */
  circuitChanged(isOpen: boolean, error: DeliveryError | undefined): void {
    if (!isOpen) return;
    const message = `the destination is away: one request at a time is tried; last error: ${error?.message ?? ''}`;
    this.#logger.warn('the destination is away; one request at a time is tried, the others wait', {
      error: error?.message,
      code: error?.code,
    });
    this.#state = 'recoverable_error';
    this.#onStatus('recoverable_error', message);
  }

  #change(state: SinkState, message?: string): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === 'ok') this.#logger.info('sending works again');
    this.#onStatus(state, message);
  }
}
