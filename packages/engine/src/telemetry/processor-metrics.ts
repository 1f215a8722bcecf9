import type { Counter, Signal, Telemetry } from '@millrace/api';

/** Where a processor stands. */
export interface ProcessorPlace {
  /** Id of the processor. */
  readonly id: string;
  readonly signal: Signal;
  /** Absent for gates: data passes them before it is given to its pipelines. */
  readonly pipeline?: string;
}

/** Items into and out of each processor, with the Collector's names. */
export class ProcessorMetrics {
  readonly #incoming: Counter;
  readonly #outgoing: Counter;

  constructor(telemetry: Telemetry) {
    this.#incoming = telemetry.counter('processor_incoming_items', {
      description: 'Number of items passed to the processor',
      unit: '{items}',
    });
    this.#outgoing = telemetry.counter('processor_outgoing_items', {
      description: 'Number of items emitted from the processor',
      unit: '{items}',
    });
  }

  incoming(place: ProcessorPlace, items: number): void {
    this.#incoming.add(items, labelsOf(place));
  }

  outgoing(place: ProcessorPlace, items: number): void {
    this.#outgoing.add(items, labelsOf(place));
  }
}

function labelsOf({ id, signal, pipeline }: ProcessorPlace) {
  const labels = { processor: id, otel_signal: signal };
  return pipeline === undefined ? labels : { ...labels, pipeline };
}
