import { type Counter, ITEM_NAMES, type Signal, type Telemetry } from '@millrace/api';
import { ProcessorMetrics } from './processor-metrics.ts';

/**
 * What gates let through and refuse, with the names of the Collector's memory limiter. They refuse before anything is
 * read, so that refusals are requests: nobody knows how many items were in them.
 */
export class GateMetrics {
  readonly #signal: Signal;
  readonly #processors: ProcessorMetrics;
  readonly #accepted: Counter;
  readonly #refusedRequests: Counter;

  constructor(telemetry: Telemetry, signal: Signal) {
    const items = ITEM_NAMES[signal];
    this.#signal = signal;
    this.#processors = new ProcessorMetrics(telemetry);
    this.#accepted = telemetry.counter(`processor_accepted_${items}`, {
      description: `Number of ${items.replaceAll('_', ' ')} successfully pushed into the next component in the pipeline.`,
      unit: `{${items}}`,
    });
    this.#refusedRequests = telemetry.counter('processor_refused_requests', {
      description: 'Number of requests that the processor refused before they were read',
      unit: '{requests}',
    });
  }

  /** A request of `items` has passed the gate `id`. */
  passed(id: string, items: number): void {
    const place = { id, signal: this.#signal };
    this.#processors.incoming(place, items);
    this.#processors.outgoing(place, items);
    this.#accepted.add(items, { processor: id });
  }

  refused(id: string): void {
    this.#refusedRequests.add(1, { processor: id });
  }
}
