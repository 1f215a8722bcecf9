import { isForNow, shuttingDown } from './delivery-errors.ts';
import type { Delivery, DeliveryOptions, Remains } from './delivery.ts';
import type { SendOutcome } from './retry.ts';
import type { Shipment } from './shipment.ts';
import { Shipper } from './shipper.ts';

/** Delivery without a queue: the sender waits for the destination, through retries and all. */
export class DirectDelivery implements Delivery<Shipment> {
  readonly guarantee = 'safe';
  readonly queue = undefined;
  readonly #options: DeliveryOptions;
  readonly #shipper: Shipper;
  readonly #underWay = new Set<Promise<SendOutcome>>();
  #shutdown: Promise<Remains> | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#shipper = new Shipper(options);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async consume(shipment: Shipment, { asksAgain } = { asksAgain: false }): Promise<void> {
    const { items } = shipment;
    if (this.#shipper.stop.fired) {
      shipment.release();
      throw shuttingDown(this.#options.id);
    }
    const sending = this.#shipper.send(shipment);
    this.#underWay.add(sending);
    const { error, attempts, letGo } = await sending;
    this.#underWay.delete(sending);
    if (letGo === undefined) shipment.release();
    else void letGo.then(() => shipment.release());
    const comesAgain = asksAgain && error !== undefined && isForNow(error);
    const { failedItems } = this.#shipper.account(items, { error, kept: comesAgain });
    if (error === undefined) return;
    this.#options.logger.warn('sending failed, the data was refused', {
      error: error.message,
      code: error.code,
      items: failedItems,
      attempts,
    });
    throw error;
  }

  shutdown(options: { deadlineMs: number }): Promise<Remains> {
    this.#shutdown ??= this.#stop(options.deadlineMs);
    return this.#shutdown;
  }

  async #stop(deadlineMs: number): Promise<Remains> {
    const { clock } = this.#options;
    this.#shipper.stop.fire();
    const cancel = clock.after(Math.max(0, deadlineMs - clock.monotonic()), () => {
      this.#shipper.force.fire();
    });
    // At the deadline every send ends at once.
    await Promise.all(this.#underWay);
    cancel();
    // Whose data was not delivered has been told.
    return { leftItems: 0, keptItems: 0 };
  }
}
