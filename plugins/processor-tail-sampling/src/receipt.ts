import type { DeliveryError } from '@millrace/api';

/** The answer to a sender: given when the last of the parts that its batch was cut into is settled. */
export class Receipt {
  readonly answer: Promise<void>;
  readonly #resolve: () => void;
  readonly #reject: (error: DeliveryError) => void;
  #parts = 1;
  #error: DeliveryError | undefined;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Another part that has to be settled. It begins with one. */
  expect(): this {
    this.#parts++;
    return this;
  }

  /** A part is safe, or dropped on purpose; or it was refused. What can succeed later must be sent again. */
  settle(error?: DeliveryError): void {
    if (error !== undefined && (this.#error === undefined || (error.retryable && !this.#error.retryable))) {
      this.#error = error;
    }
    if (--this.#parts > 0) return;
    if (this.#error === undefined) this.#resolve();
    else this.#reject(this.#error);
  }
}
