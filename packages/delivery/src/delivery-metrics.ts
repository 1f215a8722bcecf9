import { ITEM_NAMES } from '@millrace/api';
import type { Counter, Histogram, Labels, Signal, Telemetry } from '@millrace/api';
import type { CircuitState } from './circuit.ts';
import type { QueueStats } from './delivery.ts';

const ITEM_UNITS: Readonly<Record<Signal, string>> = {
  logs: '{record}',
  traces: '{span}',
  metrics: '{datapoint}',
  profiles: '{sample}',
};

/** By their number in the metric. */
const CIRCUIT_STATES: readonly CircuitState[] = ['closed', 'probing', 'open'];

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

  /** Shows a circuit; the result stops it. */
  observeCircuit(state: () => CircuitState): () => void {
    return this.#telemetry.gauge(
      'exporter_circuit_state',
      {
        description: 'Whether the destination is tried: 0 closed, all is sent; 1 a probe is under way; 2 open.',
        unit: '{state}',
        labels: this.#gaugeLabels,
      },
      () => CIRCUIT_STATES.indexOf(state()),
    );
  }

  /** Shows how many requests may be sent at a time; the result stops it. */
  observeLimit(limit: () => number): () => void {
    return this.#telemetry.gauge(
      'exporter_concurrency_limit',
      { description: 'How many requests are sent at a time.', unit: '{request}', labels: this.#gaugeLabels },
      limit,
    );
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
