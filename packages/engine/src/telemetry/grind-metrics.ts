import type { Counter, Histogram } from '@millrace/api';
import type { GrindResult } from '@millrace/workers';
import type { StageSpec } from '../pipeline-graph.ts';
import { ConnectorMetrics } from './connector-metrics.ts';
import type { ProcessorMetrics } from './processor-metrics.ts';
import type { SelfTelemetry } from './self-telemetry.ts';

const MILLISECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000, 10_000];

/** What grinds report, as metrics. */
export class GrindMetrics {
  readonly #telemetry: SelfTelemetry;
  readonly #processors: ProcessorMetrics;
  readonly #connectors: ConnectorMetrics;
  readonly #duration: Histogram;

  constructor(telemetry: SelfTelemetry, processors: ProcessorMetrics) {
    this.#telemetry = telemetry;
    this.#processors = processors;
    this.#connectors = new ConnectorMetrics(telemetry);
    this.#duration = telemetry.own.histogram('grind_duration', {
      description: 'Time that the steps of one worker task took',
      unit: 'ms',
      boundaries: MILLISECONDS,
    });
  }

  record(spec: StageSpec, result: GrindResult): void {
    this.#duration.record(result.busyMs, { stage: spec.plan.id });
    for (const step of result.steps) {
      const { id, signal, to, pipeline, incoming, outgoing } = step;
      if (to === undefined) {
        this.#processors.incoming(step, incoming);
        this.#processors.outgoing(step, outgoing);
      } else {
        const place = { id, from: signal, to };
        if (incoming > 0) this.#connectors.consumed(place, incoming);
        if (outgoing > 0) this.#connectors.produced(place, pipeline, outgoing);
      }
    }
    for (const { id, name, value } of result.counts) this.#count(id, name, value);
  }

  #count(id: string, name: string, value: number): void {
    const counter: Counter = this.#telemetry.counter(name, { description: 'Counted by a component itself' });
    counter.add(value, { component: id });
  }
}
