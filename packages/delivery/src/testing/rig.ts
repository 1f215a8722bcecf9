import { createDelivery } from '../delivery.ts';
import type { Delivery, DeliveryOptions, Remains } from '../delivery.ts';
import type { Batch, DeliveryError } from '@millrace/api';
import type { DeliverySettings, RetrySettings, SendingQueueSettings } from '../settings.ts';
import type { Shipment } from '../shipment.ts';
import { Cargo, idsOf } from './cargo.ts';
import { ManualClock } from '@millrace/testkit';
import { Recorder } from './recorder.ts';

/** `sending_queue` as the Collector has it by default. */
export function queueOf(changes: Partial<SendingQueueSettings> = {}): SendingQueueSettings {
  return {
    enabled: true,
    num_consumers: 10,
    queue_size: 1000,
    sizer: 'requests',
    block_on_overflow: false,
    wait_for_result: false,
    backlog_share: 0.25,
    ...changes,
  };
}

/** `retry_on_failure` without jitter: waits of 5 s, 7.5 s, 11.25 s, ... */
export function retryOf(changes: Partial<RetrySettings> = {}): RetrySettings {
  return {
    enabled: true,
    initial_interval: 5000,
    randomization_factor: 0,
    multiplier: 1.5,
    max_interval: 30_000,
    max_elapsed_time: 300_000,
    ...changes,
  };
}

export interface GivenUp {
  readonly ids: readonly number[];
  readonly error: DeliveryError;
  readonly attempts: number;
}

/** A delivery with everything around it under the test's control. */
export class Rig {
  readonly clock = new ManualClock();
  readonly recorder = new Recorder();
  readonly cargo = new Cargo();
  readonly givenUp: GivenUp[] = [];
  readonly statuses: string[] = [];
  readonly options: DeliveryOptions;

  constructor(settings: DeliverySettings, sink: DeliveryOptions['sink'], changes: Partial<DeliveryOptions> = {}) {
    this.options = {
      id: 'otlp/test',
      signal: 'logs',
      settings,
      sink,
      clock: this.clock,
      random: () => 0.5,
      logger: this.recorder.logger,
      telemetry: this.recorder.telemetry,
      onStatus: (state) => void this.statuses.push(state),
      onGivenUp: (load, error, attempts) => {
        if (!this.cargo.held.has(load)) this.cargo.faults.push('given up after release');
        const bytes = 'payload' in load ? load.payload : load.chunks[0];
        this.givenUp.push({ ids: idsOf(bytes), error, attempts });
      },
      ...changes,
    };
  }

  delivery(): Delivery<Shipment> {
    return createDelivery(this.options);
  }

  batchDelivery(): Delivery<Batch> {
    return createDelivery({ ...this.options, batching: this.cargo.batching });
  }

  /** A counter of the exporter. */
  count(name: string): number | undefined {
    return this.recorder.value(`${name}{exporter="otlp/test"}`);
  }

  /** Shuts down with the given time; the clock runs as far as it must. */
  async shutdown(delivery: Delivery<never>, withinMs = 10_000): Promise<Remains> {
    const over = delivery.shutdown({ deadlineMs: this.clock.monotonic() + withinMs });
    await this.clock.advance(withinMs);
    return over;
  }
}

/** How a promise stands, without waiting for it. */
export function watch(promise: Promise<unknown>): { state: 'pending' | 'resolved' | DeliveryError } {
  const seen: { state: 'pending' | 'resolved' | DeliveryError } = { state: 'pending' };
  promise.then(
    () => (seen.state = 'resolved'),
    (error: DeliveryError) => (seen.state = error),
  );
  return seen;
}
