import type { GivenUp } from './dead-letter/dead-letter.ts';
import { isForNow, shuttingDown } from './delivery-errors.ts';
import type { Delivery, DeliveryOptions, Remains } from './delivery.ts';
import type { DeliveryError } from '@millrace/api';
import type { Shipment } from './shipment.ts';
import { Shipper } from './shipper.ts';

/** Delivery without a queue: the sender waits for the destination, through retries and all. */
export class DirectDelivery implements Delivery<Shipment> {
  readonly guarantee = 'safe';
  readonly queue = undefined;
  readonly #options: DeliveryOptions;
  readonly #shipper: Shipper;
  readonly #underWay = new Set<Promise<unknown>>();
  #stopGauges = () => {};
  #shutdown: Promise<Remains> | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#shipper = new Shipper(options);
  }

  start(): Promise<void> {
    this.#stopGauges = this.#shipper.observe();
    return Promise.resolve();
  }

  async consume(shipment: Shipment, { asksAgain } = { asksAgain: false }): Promise<void> {
    if (this.#shipper.stop.fired) {
      shipment.release();
      throw shuttingDown(this.#options.id);
    }
    const delivering = this.#deliver(shipment, asksAgain);
    this.#underWay.add(delivering);
    const error = await delivering;
    this.#underWay.delete(delivering);
    if (error !== undefined) throw error;
  }

  /** The result is what the sender is to be told. */
  async #deliver(shipment: Shipment, asksAgain: boolean): Promise<DeliveryError | undefined> {
    const { items } = shipment;
    const firstMs = this.#options.clock.now();
    const { error, attempts, letGo } = await this.#shipper.send(shipment);
    const isBuried = error !== undefined && (await this.#bury(shipment, { error, attempts, firstMs }));
    if (letGo === undefined) shipment.release();
    else void letGo.then(() => shipment.release());
    const comesAgain = asksAgain && error !== undefined && isForNow(error);
    const { failedItems } = this.#shipper.account(items, { error, kept: comesAgain });
    if (error === undefined || isBuried) return undefined;
    this.#options.logger.warn('sending failed, the data was refused', {
      error: error.message,
      code: error.code,
      items: failedItems,
      attempts,
    });
    return error;
  }

  /** A sender that may send again is told; what is refused for good is kept, if anybody does. */
  async #bury(shipment: Shipment, why: Omit<GivenUp, 'lastMs'>): Promise<boolean> {
    if (this.#options.deadLetter === undefined || why.error.retryable) return false;
    return (await this.#shipper.bury([shipment], why, { waits: false })) === undefined;
  }

  shutdown(options: { deadlineMs: number }): Promise<Remains> {
    this.#shutdown ??= this.#stop();
    return this.#shipper.endBy(options.deadlineMs, this.#shutdown);
  }

  async #stop(): Promise<Remains> {
    this.#shipper.stop.fire();
    // At the deadline every send ends at once.
    await Promise.all(this.#underWay);
    this.#stopGauges();
    // Whose data was not delivered has been told.
    return { leftItems: 0, keptItems: 0 };
  }
}
