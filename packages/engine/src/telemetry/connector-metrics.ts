import type { Counter, Signal, Telemetry } from '@millrace/api';

/** Which of a connector's pairs of signals. */
export interface ConnectorPlace {
  /** Id of the connector. */
  readonly id: string;
  readonly from: Signal;
  readonly to: Signal;
}

/** Items into and out of each connector, with the Collector's names. */
export class ConnectorMetrics {
  readonly #consumed: Counter;
  readonly #produced: Counter;

  constructor(telemetry: Telemetry) {
    this.#consumed = telemetry.counter('connector_consumed_items', {
      description: 'Number of items passed to the connector',
      unit: '{items}',
    });
    this.#produced = telemetry.counter('connector_produced_items', {
      description: 'Number of items that a pipeline has taken from the connector',
      unit: '{items}',
    });
  }

  consumed(place: ConnectorPlace, items: number): void {
    this.#consumed.add(items, labelsOf(place));
  }

  produced(place: ConnectorPlace, pipeline: string, items: number): void {
    this.#produced.add(items, { ...labelsOf(place), pipeline });
  }
}

function labelsOf({ id, from, to }: ConnectorPlace) {
  return { connector: id, otel_signal: from, otel_signal_output: to };
}
