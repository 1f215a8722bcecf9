import type { Counter, Histogram } from '@millrace/api';
import type { GrindResult } from '@millrace/workers';
import type { StageSpec } from '../pipeline-graph.ts';
import type { SelfTelemetry } from './self-telemetry.ts';

const MILLISECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000, 10_000];

/** What grinds report, as metrics. */
export class GrindMetrics {
  readonly #telemetry: SelfTelemetry;
  readonly #incoming: Counter;
  readonly #outgoing: Counter;
  readonly #duration: Histogram;

  constructor(telemetry: SelfTelemetry) {
    this.#telemetry = telemetry;
    this.#incoming = telemetry.counter('processor_incoming_items', {
      description: 'Number of items passed to the processor',
      unit: '{items}',
    });
    this.#outgoing = telemetry.counter('processor_outgoing_items', {
      description: 'Number of items emitted from the processor',
      unit: '{items}',
    });
    this.#duration = telemetry.own.histogram('grind_duration', {
      description: 'Time that the steps of one worker task took',
      unit: 'ms',
      boundaries: MILLISECONDS,
    });
  }

  record(spec: StageSpec, result: GrindResult): void {
    this.#duration.record(result.busyMs, { stage: spec.plan.id });
    for (const { id, signal, pipeline, incoming, outgoing } of result.steps) {
      const labels = { processor: id, otel_signal: signal, pipeline };
      this.#incoming.add(incoming, labels);
      this.#outgoing.add(outgoing, labels);
    }
    for (const { id, name, value } of result.counts) {
      this.#telemetry.counter(name, { description: `Counted by ${id}` }).add(value, { component: id });
    }
  }
}
