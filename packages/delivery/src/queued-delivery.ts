import type { Batch, DeliveryError } from '@millrace/api';
import { messageOf } from '@millrace/api';
import type { Consignment, ConsignmentSource } from './consignment.ts';
import { asDeliveryError, isForNow, shuttingDown } from './delivery-errors.ts';
import type { Batching, Delivery, DeliveryOptions, Remains } from './delivery.ts';
import { NOTHING_FAILED, shareOf } from './failure-share.ts';
import { MemoryStore } from './memory-store.ts';
import { QueueBatcher } from './queue-batcher.ts';
import type { QueueStore } from './queue-store.ts';
import { SendingQueue } from './sending-queue.ts';
import { adaptiveOf, batchSizerOf, type SendingQueueSettings } from './settings.ts';
import type { Load, Shipment } from './shipment.ts';
import { Shipper } from './shipper.ts';

type QueueableLoad = Shipment | Batch;

export interface QueuedDeliveryOptions<T extends Load> extends DeliveryOptions {
  readonly queue: SendingQueueSettings;
  readonly batching?: T extends Batch ? Batching : undefined;
  /** In memory when absent. */
  readonly store: QueueStore<T> | undefined;
}

/** Wait before data is encoded again. */
const PACK_PAUSE_MS = 100;

/** How a consignment ended. */
interface Ending {
  readonly error: DeliveryError | undefined;
  readonly left: boolean;
  readonly attempts: number;
  /** When it was first sent. */
  readonly firstMs: number;
  /** What was not delivered, as it came. */
  readonly loads: readonly Load[];
  /** What is still to be released. */
  readonly held: readonly Load[];
  /** Comes when nobody reads `held` any more; undefined: now. */
  readonly letGo: Promise<unknown> | undefined;
}

type Packed = { readonly shipment: Shipment } | { readonly error: DeliveryError };

/** Delivery through a sending queue and its consumers. */
export class QueuedDelivery<T extends QueueableLoad> implements Delivery<T> {
  readonly guarantee: 'memory' | 'safe';
  readonly queue: SendingQueue<T>;
  readonly #options: QueuedDeliveryOptions<T>;
  readonly #store: QueueStore<T>;
  readonly #shipper: Shipper;
  readonly #batcher: QueueBatcher | undefined;
  readonly #source: ConsignmentSource<T>;
  /** Consignments whose fate is not known. */
  readonly #unsettled = new Set<Promise<unknown>>();
  #running: readonly Promise<void>[] | undefined;
  #stopGauges = () => {};
  #refuses = false;
  #refusedItems = 0;
  #leftItems = 0;
  #shutdown: Promise<Remains> | undefined;

  constructor(options: QueuedDeliveryOptions<T>) {
    const { id, queue: settings, batching, clock } = options;
    this.#options = options;
    this.#store = options.store ?? new MemoryStore<T>();
    this.guarantee = settings.wait_for_result ? 'safe' : this.#store.guarantee;
    this.#shipper = new Shipper(options);
    const queue = new SendingQueue<T>({
      id,
      store: this.#store,
      capacity: settings.queue_size,
      sizer: settings.sizer,
      blockOnOverflow: settings.block_on_overflow,
      waitForResult: settings.wait_for_result,
      onLost: (items) => this.#shipper.metrics.sendFailed(items),
    });
    this.queue = queue;
    if (batching === undefined || settings.batch === undefined) {
      this.#source = {
        next: async () => {
          const entry = await queue.next();
          return entry && { parts: [entry.whole], context: entry.whole.load.context };
        },
      };
    } else {
      const batches = queue as unknown as SendingQueue<Batch>;
      this.#batcher = new QueueBatcher({
        id,
        settings: { ...settings.batch, sizer: batchSizerOf(settings) },
        clock,
        cut: batching.cut,
        nextEntry: () => batches.next(),
        onUncut: (part, error) => {
          const parts = [part] as unknown as Consignment<T>['parts'];
          const loads = [part.load];
          const ending = {
            error,
            left: false,
            attempts: 0,
            firstMs: clock.now(),
            loads,
            held: loads,
            letGo: undefined,
          };
          void this.#tracked(this.#end({ parts, context: undefined }, ending));
        },
      });
      this.#source = this.#batcher as unknown as ConsignmentSource<T>;
    }
  }

  async start(): Promise<void> {
    await this.queue.open();
    const stops = [this.#shipper.metrics.observe(this.queue), this.#shipper.observe()];
    this.#stopGauges = () => {
      for (const stop of stops) stop();
    };
    this.#run();
  }

  async consume(load: T, { asksAgain } = { asksAgain: false }): Promise<void> {
    const { items } = load;
    let offered;
    try {
      offered = await this.queue.offer(load);
    } catch (error) {
      const refusal = error as DeliveryError;
      const isBuried = await this.#buriedAtOnce(load, refusal);
      load.release();
      if (isBuried) return;
      const lostItems = asksAgain && isForNow(refusal) ? 0 : items;
      this.#shipper.metrics.enqueueFailed(lostItems);
      this.#refused(lostItems, refusal);
      throw error;
    }
    if (offered === undefined) {
      load.release();
      return;
    }
    this.#accepted();
    const error = await offered.result;
    if (error !== undefined) throw error;
  }

  /** What can never get into the queue is kept, if anybody does. */
  async #buriedAtOnce(load: T, error: DeliveryError): Promise<boolean> {
    const { clock, deadLetter } = this.#options;
    if (deadLetter === undefined || error.retryable) return false;
    const why = { error, attempts: 0, firstMs: clock.now() };
    if ((await this.#shipper.bury([load], why, { waits: false })) !== undefined) return false;
    this.#shipper.metrics.enqueueFailed(load.items);
    return true;
  }

  shutdown(options: { deadlineMs: number; leavesStored?: boolean }): Promise<Remains> {
    if (options.leavesStored === true && this.#store.guarantee === 'safe') this.queue.withhold();
    this.#shutdown ??= this.#stop();
    return this.#shipper.endBy(options.deadlineMs, this.#shutdown);
  }

  async #stop(): Promise<Remains> {
    const { logger } = this.#options;
    const { stop, force } = this.#shipper;
    this.queue.close();
    stop.fire();
    this.#batcher?.hurry();
    if (this.#running === undefined) force.fire();
    await this.#shipper.unlessForced(Promise.all(this.#running ?? []));
    if (force.fired && this.#store.guarantee === 'memory') {
      // The consumers may be stuck in the sink: one more of them empties the queue.
      if (this.#running === undefined) this.#run();
      await this.#consumeQueue();
    }
    // Their places are taken by what the sink does not let go of.
    if (force.fired && this.#store.guarantee === 'safe') this.#batcher?.discard();
    while (this.#unsettled.size > 0) await Promise.all(this.#unsettled);
    this.#stopGauges();
    const keptItems = this.#store.guarantee === 'safe' ? this.queue.items : 0;
    await this.queue.end();
    if (keptItems > 0) logger.info('what was not delivered stays on disk, for the next start', { items: keptItems });
    if (this.#leftItems > 0) {
      const items = this.#leftItems;
      logger.error('shut down before all data was delivered; it is lost to this exporter', { items });
    }
    return { leftItems: this.#leftItems, keptItems };
  }

  #run(): void {
    const { queue, settings } = this.#options;
    const count = adaptiveOf(settings)?.max ?? queue.num_consumers;
    const consumers = Array.from({ length: count }, () => this.#consumeQueue());
    this.#running = this.#batcher === undefined ? consumers : [this.#batcher.run(), ...consumers];
  }

  async #consumeQueue(): Promise<void> {
    const { force } = this.#shipper;
    while (!force.fired || this.#store.guarantee === 'memory') {
      const consignment = await this.#source.next();
      if (consignment === undefined) return;
      const shipping = this.#tracked(this.#ship(consignment));
      // Nothing is sent any more: what is left goes to the dead letter together, not one after the other.
      if (force.fired) continue;
      const { closed } = await shipping;
      // The consumer's place stays taken as long as the sink is busy with what it was given.
      if (!force.fired) await closed;
    }
  }

  /** A shutdown waits for it. */
  async #tracked<R>(work: Promise<R>): Promise<R> {
    this.#unsettled.add(work);
    try {
      return await work;
    } finally {
      this.#unsettled.delete(work);
    }
  }

  /** Resolves when the fate of a consignment is known. */
  async #ship(consignment: Consignment<T>): Promise<{ closed: Promise<void> }> {
    const { id, batching, clock, deadLetter } = this.#options;
    const loads: readonly Load[] = consignment.parts.map((part) => part.load);
    const firstMs = clock.now();
    const unsent = { attempts: 0, firstMs, loads, held: loads, letGo: undefined };
    // Made only when it is needed: an error costs as much as everything else here.
    const leaving = () => ({ ...unsent, error: shuttingDown(id), left: true });
    if (this.#shipper.force.fired) return this.#end(consignment, leaving());
    let shipment = loads[0] as Shipment;
    if (batching !== undefined) {
      const packing = this.#packInTime(batching, loads as readonly Batch[], consignment);
      const packed = await this.#shipper.unlessForced(packing);
      if (packed === undefined) {
        const letGo = packing.then((late) => {
          if ('shipment' in late) late.shipment.release();
        });
        return this.#end(consignment, { ...leaving(), letGo });
      }
      if ('error' in packed) {
        return this.#end(consignment, { ...unsent, error: packed.error, left: false });
      }
      shipment = packed.shipment;
      // A dead letter keeps what can be read by anybody, and not what was made of it.
      if (deadLetter === undefined) for (const load of loads) load.release();
    }
    const { error, left, attempts, letGo } = await this.#shipper.send(shipment);
    const sent = { error, left, attempts, firstMs, letGo };
    if (batching === undefined || deadLetter === undefined) {
      return this.#end(consignment, { ...sent, loads: [shipment], held: [shipment] });
    }
    return this.#end(consignment, { ...sent, loads, held: [shipment, ...loads] });
  }

  /** Encodes, again and again where that fails for want of memory or workers: the data is good. */
  async #packInTime(batching: Batching, batches: readonly Batch[], consignment: Consignment<T>): Promise<Packed> {
    const { force } = this.#shipper;
    for (let attempt = 1; ; attempt++) {
      const packed = await this.#pack(batching, batches, consignment);
      if (!('error' in packed) || !packed.error.retryable || force.fired) return packed;
      const { message, code } = packed.error;
      if (attempt === 1) this.#options.logger.info('encoding failed, will try again', { error: message, code });
      await this.#shipper.pause(PACK_PAUSE_MS);
    }
  }

  async #pack(batching: Batching, batches: readonly Batch[], { context }: Consignment<T>): Promise<Packed> {
    try {
      return { shipment: await batching.encode(batches, context) };
    } catch (error) {
      return { error: asDeliveryError(this.#options.id, error) };
    }
  }

  /** Leaves what failed in the dead letter, where there is one, and settles. */
  async #end(consignment: Consignment<T>, ending: Ending): Promise<{ closed: Promise<void> }> {
    const { error } = ending;
    if (error === undefined || !this.#isForDeadLetter(ending, error)) return this.#settle(consignment, ending);
    const { attempts, firstMs, loads } = ending;
    const waits = !this.#options.queue.wait_for_result;
    const burying = this.#shipper.bury(loads as readonly QueueableLoad[], { error, attempts, firstMs }, { waits });
    const failure = this.#options.deadLetter?.isLocal
      ? await burying
      : await this.#shipper.unlessForced(burying, shuttingDown(this.#options.id, error));
    if (failure === undefined) return this.#settle(consignment, ending, { isBuried: true });
    // What is on disk can wait there.
    const left = ending.left || (waits && failure.retryable);
    return this.#settle(consignment, { ...ending, left, letGo: Promise.all([ending.letGo, burying]) });
  }

  /** A sender that waits hears itself of what it can send again. */
  #isForDeadLetter({ left }: Ending, error: DeliveryError): boolean {
    const { deadLetter, queue } = this.#options;
    if (deadLetter === undefined) return false;
    if (queue.wait_for_result) return !error.retryable;
    return !left || (this.#store.guarantee === 'memory' && deadLetter.isLocal);
  }

  /** Counts, tells whoever waits, and lets go: `closed` comes when everything is released. */
  #settle(consignment: Consignment<T>, ending: Ending, { isBuried } = { isBuried: false }): { closed: Promise<void> } {
    const { parts } = consignment;
    const { error, left } = ending;
    const items = parts.reduce((sum, part) => sum + part.load.items, 0);
    const kept = left && this.#store.guarantee === 'safe';
    // The collector is stopping and the destination does not take more: the rest need not be read to find that out.
    if (kept) this.queue.withhold();
    const { failedItems } = this.#shipper.account(items, { error, kept });
    const share = isBuried ? NOTHING_FAILED : shareOf(parts, { error, failedItems, items });
    for (const { entry, load } of parts) entry.settlePart({ ...share(load.items), left: left && !isBuried });
    if (isBuried) return { closed: this.#close(consignment, ending, undefined) };
    const accepted = !this.#options.queue.wait_for_result;
    if (left && accepted && !kept) this.#leftItems += failedItems;
    const givenUp = error !== undefined && accepted && !kept ? this.#giveUp(ending, error, failedItems) : undefined;
    return { closed: this.#close(consignment, ending, givenUp) };
  }

  async #close(consignment: Consignment<T>, ending: Ending, givenUp: Promise<void> | undefined): Promise<void> {
    if (ending.letGo !== undefined) await ending.letGo;
    if (givenUp !== undefined) await givenUp;
    for (const load of ending.held) load.release();
    for (const { entry } of consignment.parts) entry.closePart();
  }

  async #giveUp(ending: Ending, error: DeliveryError, failedItems: number): Promise<void> {
    const { logger, onGivenUp } = this.#options;
    const { left, attempts, loads } = ending;
    // What is left at shutdown is logged once, in sum.
    if (!left) {
      logger.error('data was given up', { error: error.message, code: error.code, items: failedItems, attempts });
    }
    if (onGivenUp === undefined) return;
    for (const load of loads) {
      try {
        await onGivenUp(load as QueueableLoad, error, attempts);
      } catch (failure) {
        logger.error('data that was given up could not be kept', { error: messageOf(failure), items: load.items });
      }
    }
  }

  /** One line when refusing begins and one when it ends: a line for each request would make an overload worse. */
  #refused(items: number, error: DeliveryError): void {
    if (!this.#refuses) {
      this.#refuses = true;
      this.#options.logger.warn('data is refused', { error: error.message, code: error.code });
    }
    this.#refusedItems += items;
  }

  #accepted(): void {
    if (!this.#refuses) return;
    this.#options.logger.info('data is taken again', { refusedItems: this.#refusedItems });
    this.#refuses = false;
    this.#refusedItems = 0;
  }
}
