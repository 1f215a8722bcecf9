import type { ConnectorHost, Outgoing, Signal, StatefulComponent, Telemetry } from '@millrace/api';
import type { ResolvedComponent } from '@millrace/config';
import {
  createDelivery,
  type DeadLetter,
  type Delivery,
  type SendingQueueSettings,
  type Shipment,
} from '@millrace/delivery';
import type { Arena } from '@millrace/workers';
import type { BatchHolder } from './batch-holder.ts';
import { shipmentOf } from './leaf-shipment.ts';
import { RegionBatch } from './region-batch.ts';
import type { LeafTarget } from './stage.ts';

/** The queue that stands in front of a stateful connector; undefined where its senders wait for it. */
export function queueOf({ definition, config }: ResolvedComponent<'connector'>): SendingQueueSettings | undefined {
  if (definition.stateful?.acknowledges !== 'delivered') return undefined;
  const { sending_queue: queue } = config as { readonly sending_queue?: SendingQueueSettings };
  return queue?.enabled === true ? queue : undefined;
}

export interface ConnectorQueueSettings {
  readonly host: Pick<ConnectorHost, 'id' | 'clock' | 'logger' | 'telemetry'>;
  readonly signal: Signal;
  readonly queue: SendingQueueSettings;
  readonly component: StatefulComponent;
  readonly arena: Arena;
  readonly holder: BatchHolder;
  /** How long the queue may take to empty when the collector ends. */
  readonly drainMs: number;
  /** Values in [0, 1). */
  readonly random: () => number;
  /** Takes what all pipelines refuse for good. */
  readonly deadLetter: DeadLetter | undefined;
}

/** What was accepted is tried until a pipeline takes it. */
const RETRY_FOREVER = {
  enabled: true,
  initial_interval: 1_000,
  randomization_factor: 0.5,
  multiplier: 1.5,
  max_interval: 30_000,
  max_elapsed_time: 0,
};

/** A stateful connector behind a sending queue in memory, as exporters have it. Batches stay as they come. */
export class ConnectorQueue implements Omit<StatefulComponent, 'consume'> {
  readonly #settings: ConnectorQueueSettings;
  readonly #delivery: Delivery<Shipment>;
  #ending: Promise<void> | undefined;
  /** Known when the queue has ended. */
  #leftItems: number | undefined;

  constructor(settings: ConnectorQueueSettings) {
    this.#settings = settings;
    const { host, signal, queue, random, deadLetter } = settings;
    this.#delivery = createDelivery({
      id: host.id,
      signal,
      settings: { sending_queue: queue, retry_on_failure: RETRY_FOREVER },
      sink: { send: (payload) => this.#send(payload) },
      clock: host.clock,
      random,
      deadLetter,
      logger: host.logger,
      telemetry: renamed(host.telemetry),
    });
  }

  get heldItems(): number {
    const { queue, component } = this.#settings;
    const waiting = queue.wait_for_result ? 0 : (this.#delivery.queue?.items ?? 0);
    return (this.#leftItems ?? waiting) + (component.heldItems ?? 0);
  }

  readonly target: LeafTarget = {
    consume: (leaf, manner) => this.#delivery.consume(shipmentOf(leaf, this.#settings.arena), manner),
  };

  async start(): Promise<void> {
    await this.#settings.component.start?.();
    await this.#delivery.start();
  }

  /** The queue ends in `settled`, when nobody can bring a batch any more. */
  shutdown(): Promise<void> {
    return this.#settings.component.shutdown();
  }

  settled(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    const { host, component, drainMs } = this.#settings;
    const { leftItems } = await this.#delivery.shutdown({ deadlineMs: host.clock.monotonic() + drainMs });
    this.#leftItems = leftItems;
    await component.settled?.();
  }

  /** The payload belongs to the queue, which may need it again. */
  async #send({ signal, bytes, items, context }: Outgoing): Promise<void> {
    const { arena, component, holder } = this.#settings;
    const regions = [arena.keep(bytes)];
    await holder.give(component, new RegionBatch({ signal, regions, items, context, holder }));
  }
}

/** The queue of a connector is no exporter: what it passes on has not left the collector. */
function renamed(telemetry: Telemetry): Telemetry {
  const nameOf = (name: string) => name.replace(/^exporter_/, 'connector_');
  return {
    counter: (name, options) => telemetry.counter(nameOf(name), options),
    histogram: (name, options) => telemetry.histogram(nameOf(name), options),
    gauge: (name, options, observe) => telemetry.gauge(nameOf(name), options, observe),
  };
}
