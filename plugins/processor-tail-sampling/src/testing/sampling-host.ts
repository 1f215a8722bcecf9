import type { Batch } from '@millrace/api';
import { FakeStatefulHost, timeOfId } from '@millrace/testkit';
import { request, type SpanJson } from './traces.ts';

/** A span for a test: of which trace, and a number by which it is found again. */
export interface TestSpan extends SpanJson {
  readonly trace: number;
  readonly id: number;
}

/** A host in a pipeline of traces. */
export class SamplingHost extends FakeStatefulHost {
  constructor(guarantee: 'memory' | 'safe' = 'memory') {
    super({ signal: 'traces', guarantee }, { id: 'tail_sampling' });
  }

  /** One batch, with a resource for each span. */
  spans(...spans: readonly TestSpan[]): Batch {
    return this.batchOf([
      request(
        ...spans.map(
          ({ trace, id, ...rest }) => [trace, { spans: [{ startTimeUnixNano: timeOfId(id), ...rest }] }] as const,
        ),
      ),
    ]);
  }

  /** A counter of the processor. */
  counted(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const all = Object.entries({ processor: this.id, ...labels }).map(([label, value]) => `${label}="${value}"`);
    return this.recordedTelemetry.value(`processor_tail_sampling_${name}{${all.join(',')}}`);
  }

  /** A histogram of the processor. */
  recorded(name: string): readonly number[] {
    return this.recordedTelemetry.recorded(`processor_tail_sampling_${name}{processor="${this.id}"}`);
  }

  get droppedSpans(): number {
    return this.recordedTelemetry.sum(/dropped_spans$/);
  }
}
