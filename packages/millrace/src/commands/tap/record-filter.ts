import { ComponentError, type Signal } from '@millrace/api';
import { LogsBatch, MetricsBatch, splitChunks, TracesBatch } from '@millrace/otlp';
import { compileConditions, type Condition, functionRegistry, OttlErrors, STANDARD_FUNCTIONS } from '@millrace/ottl';

/** One log record, span or data point, as an OTLP export request by itself. */
export interface SingleItem {
  readonly signal: Signal;
  readonly request: Uint8Array;
}

/** The items of export requests, one by one. Requests of profiles stay whole. */
export function singleItems(signal: Signal, chunks: readonly Uint8Array[]): SingleItem[] {
  const requests = signal === 'profiles' ? chunks : splitChunks(signal, chunks, { itemsMax: 1 }).map(joined);
  return requests.map((request) => ({ signal, request }));
}

/** An OTTL condition on log records, spans and data points. An item for which it fails does not match. */
export class RecordFilter {
  readonly #conditions: ReadonlyMap<Signal, Condition>;

  private constructor(conditions: ReadonlyMap<Signal, Condition>) {
    this.#conditions = conditions;
  }

  /** Throws a ComponentError, CONDITION_INVALID, where it makes sense for no signal. */
  static of(condition: string): RecordFilter {
    const conditions = new Map<Signal, Condition>();
    let fault: OttlErrors | undefined;
    for (const [signal, context] of CONTEXTS) {
      try {
        const compiled = compileConditions({
          context,
          conditions: [condition],
          functions: FUNCTIONS,
          errorMode: 'silent',
        });
        conditions.set(signal, compiled);
      } catch (error) {
        if (!(error instanceof OttlErrors)) throw error;
        fault ??= error;
      }
    }
    if (conditions.size > 0) return new RecordFilter(conditions);
    throw new ComponentError(`--where '${condition}': ${fault?.message ?? 'is no condition'}`, {
      code: 'CONDITION_INVALID',
      remedy: `write an OTTL condition, such as 'severity_number >= SEVERITY_NUMBER_ERROR'`,
    });
  }

  matches({ signal, request }: SingleItem): boolean {
    const condition = this.#conditions.get(signal);
    if (condition === undefined) return false;
    for (const view of viewsOf(signal, request)) if (condition.test(view)) return true;
    return false;
  }
}

const FUNCTIONS = functionRegistry(STANDARD_FUNCTIONS);
const CONTEXTS = [
  ['logs', 'log'],
  ['traces', 'span'],
  ['metrics', 'datapoint'],
] as const;

function viewsOf(signal: Signal, request: Uint8Array): Iterable<unknown> {
  if (signal === 'logs') return LogsBatch.of([request]).records;
  return signal === 'traces' ? TracesBatch.of([request]).spans : MetricsBatch.of([request]).dataPoints;
}

/** Concatenated export requests are one (https://protobuf.dev/programming-guides/encoding/#last-one-wins). */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}
