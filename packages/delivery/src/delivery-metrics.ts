import { ITEM_NAMES } from '@millrace/api';
import type { Counter, Histogram, Labels, Signal, Telemetry } from '@millrace/api';
import type { QueueStats } from './delivery.ts';

const ITEM_UNITS: Readonly<Record<Signal, string>> = {
  logs: '{record}',
  traces: '{span}',
  metrics: '{datapoint}',
  profiles: '{sample}',
};

const DURATION_BOUNDARIES_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000];

/** The Collector's exporter metrics, with its names and labels, and how long attempts take. */
export class DeliveryMetrics {
  readonly #labels: Labels;
  readonly #gaugeLabels: Labels;
  readonly #telemetry: Telemetry;
  readonly #sent: Counter;
  readonly #sendFailed: Counter;
  readonly #enqueueFailed: Counter;
  readonly #deadLetter: Counter;
  readonly #durationMs: Histogram;

  constructor(telemetry: Telemetry, options: { id: string; signal: Signal }) {
    const items = ITEM_NAMES[options.signal];
    const unit = ITEM_UNITS[options.signal];
    const words = items.replace('_', ' ');
    this.#telemetry = telemetry;
    this.#labels = { exporter: options.id };
    this.#gaugeLabels = { exporter: options.id, data_type: options.signal };
    this.#sent = telemetry.counter(`exporter_sent_${items}`, {
      description: `Number of ${words} that the destination has taken.`,
      unit,
    });
    this.#sendFailed = telemetry.counter(`exporter_send_failed_${items}`, {
      description: `Number of ${words} that could not be sent, after all retries.`,
      unit,
    });
    this.#enqueueFailed = telemetry.counter(`exporter_enqueue_failed_${items}`, {
      description: `Number of ${words} that the sending queue refused.`,
      unit,
    });
    this.#deadLetter = telemetry.counter('exporter_dead_letter_items', {
      description: 'Number of items that the destination did not take and the dead letter keeps.',
      unit: '{item}',
    });
    this.#durationMs = telemetry.histogram('exporter_send_duration', {
      description: 'Time that one attempt to send took.',
      unit: 'ms',
      boundaries: DURATION_BOUNDARIES_MS,
    });
  }

  /** Shows a queue; the result stops it. */
  observe(queue: QueueStats): () => void {
    const labels = this.#gaugeLabels;
    const stopSize = this.#telemetry.gauge(
      'exporter_queue_size',
      { description: 'Room taken in the sending queue, in units of its sizer.', unit: '{batch}', labels },
      () => queue.size,
    );
    const stopCapacity = this.#telemetry.gauge(
      'exporter_queue_capacity',
      { description: 'Capacity of the sending queue, in units of its sizer.', unit: '{batch}', labels },
      () => queue.capacity,
    );
    return () => {
      stopSize();
      stopCapacity();
    };
  }

  attempted(durationMs: number): void {
    this.#durationMs.record(durationMs, this.#labels);
  }

  sent(items: number): void {
    if (items > 0) this.#sent.add(items, this.#labels);
  }

  sendFailed(items: number): void {
    if (items > 0) this.#sendFailed.add(items, this.#labels);
  }

  enqueueFailed(items: number): void {
    if (items > 0) this.#enqueueFailed.add(items, this.#labels);
  }

  deadLettered(items: number): void {
    if (items > 0) this.#deadLetter.add(items, this.#gaugeLabels);
  }
}
