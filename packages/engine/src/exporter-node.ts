import { ComponentError, DeliveryError, messageOf, permanent, retryable } from '@millrace/api';
import type { Batch, ClientContext, ExporterHost, Signal, Sink } from '@millrace/api';
import type { ResolvedComponent } from '@millrace/config';
import {
  checkDeliverySettings,
  createDelivery,
  type DeadLetter,
  type Delivery,
  type DeliverySettings,
  DurableQueue,
  queuesBatches,
  type Remains,
  type SendingQueueSettings,
  type Shipment,
  type SinkState,
} from '@millrace/delivery';
import type { Arena, LeafBatch, Mill } from '@millrace/workers';
import { cutBatch } from './cut-batch.ts';
import { Door, type DoorTarget } from './door.ts';
import type { Guarantee, Weakness } from './guarantee.ts';
import { JointStatus } from './joint-status.ts';
import { shipmentOf } from './leaf-shipment.ts';
import { encodePlanId, mergesInQueue } from './pipeline-graph.ts';
import { RegionBatch, regionForm } from './region-batch.ts';
import { asDeliveryError } from './stage.ts';
import type { StallWatch } from './stall-watch.ts';
import { probeEncoder } from './step-probe.ts';
import type { StorageNode } from './storage-node.ts';

export interface ExporterNodeSettings {
  readonly component: ResolvedComponent<'exporter'>;
  readonly host: ExporterHost;
  /** Signals of the pipelines that end in it. */
  readonly signals: ReadonlySet<Signal>;
  /** Changed by a reload. */
  readonly link: { mill: Mill };
  readonly arena: Arena;
  /** The running storage with an id. */
  readonly storage: (id: string) => StorageNode;
  readonly stalls: StallWatch;
  /** Values in [0, 1). */
  readonly random: () => number;
  /** Where that goes which its destination does not take. */
  readonly deadLetter: DeadLetter | undefined;
}

/** One exporter with what the engine puts around it: a delivery for each signal, in front of one sink. */
export class ExporterNode {
  readonly id: string;
  readonly #settings: ExporterNodeSettings;
  readonly #sink: Sink;
  readonly #status: JointStatus;
  readonly #entrances: readonly Entrance[];
  readonly #doors: ReadonlyMap<Signal, Door>;
  /** Whether what it sends is something else than OTLP protobuf. */
  readonly #encodes: boolean;
  #stopped: Promise<void> | undefined;

  constructor(settings: ExporterNodeSettings) {
    const { component, host } = settings;
    this.id = component.id;
    refuseFaults(component);
    this.#settings = settings;
    this.#encodes = probeEncoder(component);
    this.#status = new JointStatus((status, message) => host.reportStatus(status, message));
    this.#sink = component.definition.create(component.config, host);
    this.#entrances = [...settings.signals].map((signal) => this.#entrance(signal));
    this.#doors = new Map(
      this.#entrances.map((each) => [each.signal, new Door(each, { takesBatches: each.takesBatches })]),
    );
  }

  /** What it means that this exporter took a batch. */
  get guarantee(): Guarantee {
    return this.weakness === undefined ? 'safe' : 'memory';
  }

  /** The exporter's own setting that is missing for a stronger guarantee. */
  get strengthenedBy(): string | undefined {
    return this.#sink.guarantee === 'memory' ? this.#sink.strengthenedBy : undefined;
  }

  get weakness(): Weakness | undefined {
    if (this.#sink.guarantee === 'memory') return 'memory_destination';
    return this.#entrances.some(({ delivery }) => delivery.guarantee === 'memory') ? 'memory_queue' : undefined;
  }

  /** Whether what it took is on disk before it is delivered. */
  get isStored(): boolean {
    const { sending_queue: queue } = this.#settings.component.config as DeliverySettings;
    return queue?.enabled === true && queue.storage !== undefined;
  }

  /**
   * After how many milliseconds of retries it gives up what it acknowledged before it was delivered; undefined where it
   * never does, or where a dead letter then takes it.
   */
  get givesUpAfterMs(): number | undefined {
    const { deadLetter, component } = this.#settings;
    const { retry_on_failure: retry } = component.config as DeliverySettings;
    if (!this.isStored || deadLetter !== undefined) return undefined;
    if (retry?.enabled !== true) return 0;
    return retry.max_elapsed_time > 0 ? retry.max_elapsed_time : undefined;
  }

  get type(): string {
    return this.#settings.component.definition.type;
  }

  /** Room taken in its queues, in units of their sizers. */
  get queued(): number {
    return this.#entrances.reduce((sum, { delivery }) => sum + (delivery.queue?.size ?? 0), 0);
  }

  /** Takes what stages put out for this exporter. */
  target(signal: Signal): Door {
    return this.#doors.get(signal) as Door;
  }

  /** Encodes with another mill from now on, which has the same plans for it. */
  useMill(mill: Mill): void {
    this.#settings.link.mill = mill;
  }

  /** Whoever brings something waits until {@link admitAll}. */
  hold(): void {
    for (const door of this.#doors.values()) door.hold();
  }

  admitAll(): void {
    for (const door of this.#doors.values()) door.open();
  }

  /** For an exporter that is not going to run: whoever waits, or comes, is sent on where that can be, or refused for ever. */
  giveWayTo(other: ExporterNode | undefined): void {
    for (const [signal, door] of this.#doors) {
      const next = other?.target(signal);
      if (next !== undefined && next.takesBatches === door.takesBatches) door.lead(next);
      else door.refuse(retryable(`${this.id}: the collector is shutting down`, { code: 'SHUTDOWN' }));
    }
  }

  /** Whoever waits is refused. */
  refuseAll(error: DeliveryError): void {
    for (const door of this.#doors.values()) door.refuse(error);
  }

  /**
   * Ends for another exporter of the same name to take its place: what its stored queues hold is left to that one, and
   * so is what still comes, where that one can take it. Call once; then {@link stop}.
   */
  async handOver(successor: ExporterNode | undefined, deadlineMs: number): Promise<Remains> {
    for (const [signal, door] of this.#doors) {
      const next = successor?.target(signal);
      if (next?.takesBatches === true && door.takesBatches) door.lead(next);
    }
    return this.drain(deadlineMs, { leavesStored: true });
  }

  /** Whether everything that is under way to it can go on to another exporter. */
  canLeadTo(successor: ExporterNode | undefined): boolean {
    return [...this.#doors].every(
      ([signal, door]) => door.takesBatches && successor?.target(signal)?.takesBatches === true,
    );
  }

  /** Takes a batch that another component gave up. Takes it over, whatever happens. */
  takeGivenUp(batch: RegionBatch): Promise<void> {
    return this.target(batch.signal).take(batch);
  }

  async start(): Promise<void> {
    await this.#sink.start?.();
  }

  /** Opens the queues and begins to send; the mill has been started. */
  async deliver(): Promise<void> {
    for (const { delivery } of this.#entrances) await delivery.start();
  }

  /** Delivers what waits, until the deadline on the clock's monotonic time. The sink is stopped afterwards. */
  async drain(deadlineMs: number, options: { readonly leavesStored?: boolean } = {}): Promise<Remains> {
    const reports = await Promise.all(
      this.#entrances.map(({ delivery }) => delivery.shutdown({ deadlineMs, ...options })),
    );
    return {
      leftItems: reports.reduce((sum, { leftItems }) => sum + leftItems, 0),
      keptItems: reports.reduce((sum, { keptItems }) => sum + keptItems, 0),
    };
  }

  /** May be called again. */
  stop(): Promise<void> {
    this.#stopped ??= (async () => this.#sink.shutdown?.())();
    return this.#stopped;
  }

  #watched(sink: Sink): Sink {
    const { stalls } = this.#settings;
    const call = { kind: 'exporter', id: this.id, call: 'send', limitMs: SEND_LIMIT_MS } as const;
    return {
      ...(sink.guarantee === undefined ? {} : { guarantee: sink.guarantee }),
      send: (payload) => stalls.watch(call, () => sink.send(payload)),
    };
  }

  #entrance(signal: Signal): Entrance {
    const { component, host, arena, random } = this.#settings;
    const settings = settingsFor(signal, component.config as DeliverySettings);
    const options = {
      id: component.id,
      signal,
      settings,
      sink: this.#watched(this.#sink),
      deadLetter: this.#settings.deadLetter,
      clock: host.clock,
      random,
      logger: host.logger,
      telemetry: host.telemetry,
      onStatus: (state: SinkState, message?: string) => this.#status.set(signal, state, message),
    };
    const queue = settings.sending_queue?.enabled === true ? settings.sending_queue : undefined;
    if (queue === undefined || !this.#queuesBatches(settings)) {
      return this.#shipmentEntrance(signal, createDelivery(options));
    }
    const delivery = createDelivery({
      ...options,
      ...this.#store(signal, queue),
      batching: {
        cut: (batch, limit) => cutBatch(batch as RegionBatch, limit, arena),
        encode: (batches, context) => this.#encode(signal, batches as readonly RegionBatch[], context),
      },
    });
    return {
      signal,
      delivery,
      consume: (leaf, options) => delivery.consume(RegionBatch.waiting(leaf, arena), options),
      take: (batch) => delivery.consume(batch),
      takesBatches: true,
    };
  }

  /** With a dead letter, what is encoded is encoded behind the queue, so that there is something that anybody can read. */
  #queuesBatches(settings: DeliverySettings): boolean {
    return queuesBatches(settings) || this.#keepsSource;
  }

  get #keepsSource(): boolean {
    return this.#encodes && this.#settings.deadLetter !== undefined;
  }

  #shipmentEntrance(signal: Signal, delivery: Delivery<Shipment>): Entrance {
    const { arena } = this.#settings;
    const take = async (batch: RegionBatch, options?: { readonly asksAgain: boolean }) => {
      const shipment = await this.#shipmentFrom(signal, batch);
      if (shipment !== undefined) await delivery.consume(shipment, options);
    };
    if (!this.#keepsSource) {
      const consume = (leaf: LeafBatch, manner?: { readonly asksAgain: boolean }) =>
        delivery.consume(shipmentOf(leaf, arena), manner);
      return { signal, delivery, consume, take, takesBatches: false };
    }
    const consume = (leaf: LeafBatch, manner?: { readonly asksAgain: boolean }) =>
      take(RegionBatch.waiting(leaf, arena), manner);
    return { signal, delivery, consume, take, takesBatches: true };
  }

  /** Encodes a batch that it takes over, and keeps it with the result; undefined where the dead letter has it. */
  async #shipmentFrom(signal: Signal, batch: RegionBatch): Promise<Shipment | undefined> {
    try {
      const shipment = await this.#encode(signal, [batch], batch.context);
      const release = () => {
        shipment.release();
        batch.release();
      };
      return { ...shipment, source: batch, release };
    } catch (error) {
      const isKept = await this.#keepUnencoded(batch, asDeliveryError(error));
      batch.release();
      if (isKept) return undefined;
      throw error;
    }
  }

  /** What its encoder refuses for good is refused for good. */
  async #keepUnencoded(batch: RegionBatch, error: DeliveryError): Promise<boolean> {
    const { deadLetter, host } = this.#settings;
    if (deadLetter === undefined || error.retryable) return false;
    const now = host.clock.now();
    try {
      await deadLetter.keep(batch, { error, attempts: 0, firstMs: now, lastMs: now });
    } catch (failure) {
      host.logger.error('data that was given up could not be kept', { error: messageOf(failure), items: batch.items });
      return false;
    }
    host.logger.warn('data goes to the dead letter', { error: error.message, code: error.code, items: batch.items });
    return true;
  }

  /** Where the queue of a signal is kept: in the storage that the settings name, or in memory. */
  #store(signal: Signal, queue: SendingQueueSettings): { readonly store?: DurableQueue<Batch> } {
    if (queue.storage === undefined) return {};
    const { arena, host } = this.#settings;
    const storage = this.#settings.storage(queue.storage);
    const store = new DurableQueue<Batch>({
      queue: () => storage.queue(`${this.id}/${signal}`),
      form: regionForm(arena),
      residentBytesMax: Math.min(RESIDENT_BYTES_MAX, arena.bytesInFlightMax * RESIDENT_SHARE),
      backlogShare: queue.backlog_share,
      clock: host.clock,
      logger: host.logger,
    });
    return { store };
  }

  /** Merges and encodes what waited in the queue. Leaves the batches to their holder. */
  async #encode(
    signal: Signal,
    batches: readonly RegionBatch[],
    context: ClientContext | undefined,
  ): Promise<Shipment> {
    const [first] = batches;
    if (!this.#encodes && batches.length === 1 && first.regions.length === 1) return asItIs(first, context);
    const parts = batches.flatMap((batch) => batch.regions.map((region) => ({ region, form: undefined, context })));
    const plan = encodePlanId(this.id, signal);
    const { leaves, parts: outcomes } = await this.#settings.link.mill.grind(plan, parts, { priority: 'normal' });
    const errors = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]));
    const forNow = errors.find(({ retryable }) => retryable);
    const [leaf] = leaves;
    if (leaf !== undefined && leaves.length === 1 && forNow === undefined) {
      const shipment = shipmentOf(leaf, this.#settings.arena);
      if (errors.length === 0) return shipment;
      const failedItems = outcomes.reduce((sum, outcome) => sum + outcome.failedItems, 0);
      const items = batches.reduce((sum, batch) => sum + batch.items, 0);
      const [{ message, code }] = errors;
      return { ...shipment, items, unencoded: permanent(message, { code, failedItems }) };
    }
    for (const { regions } of leaves) for (const region of regions) region.release();
    const error = forNow ?? errors[0];
    if (error === undefined) throw new Error(`encoding for "${this.id}" gave ${leaves.length} results instead of one`);
    // Nothing of it leaves, so it must not count as failed in part.
    throw new DeliveryError(error.message, { code: error.code, retryable: error.retryable, cause: error });
  }
}

/** What a stored queue keeps in memory, at most: enough for the moments in which a destination is behind. */
const RESIDENT_BYTES_MAX = 16 * 1024 * 1024;
const RESIDENT_SHARE = 1 / 16;

function refuseFaults({ id, location, config }: ResolvedComponent<'exporter'>): void {
  const [fault] = checkDeliverySettings(config as DeliverySettings);
  if (fault === undefined) return;
  const { path, message, remedy } = fault;
  throw new ComponentError(`exporter "${id}" (${location}): ${path.join('.')} ${message}`, {
    code: 'DELIVERY_SETTINGS',
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** A sink that has not let go of a payload by then is named, whether its exporter has a `timeout` or not. */
const SEND_LIMIT_MS = 30_000;

/** As configured; but requests of profiles are never merged, as each has a dictionary of its own. */
function settingsFor(signal: Signal, settings: DeliverySettings): DeliverySettings {
  if (settings.sending_queue?.batch === undefined || mergesInQueue(settings.sending_queue, signal)) return settings;
  const { batch: _, ...queue } = settings.sending_queue;
  return { ...settings, sending_queue: queue };
}

/** A batch that waited in the queue and can be sent without a grind. */
function asItIs({ signal, items, bytes, regions }: RegionBatch, context: ClientContext | undefined): Shipment {
  const region = regions[0].share();
  return { signal, items, bytes, payload: region.bytes, context, release: () => region.release() };
}

/** The way into an exporter for one signal. */
interface Entrance extends DoorTarget {
  readonly signal: Signal;
  readonly delivery: Delivery<Shipment> | Delivery<Batch>;
  /** Whether leaves come as OTLP batches, to be encoded behind the queue. */
  readonly takesBatches: boolean;
}
