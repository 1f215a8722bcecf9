import { requestOf, shapeOf, type LoadSignal, type ShapeName } from '@millrace/load';

export interface CorpusSettings {
  readonly signal?: LoadSignal;
  /** Number of requests, each of its own content. */
  readonly requests: number;
  /** Log records, spans or data points of each. */
  readonly items: number;
  readonly shape?: ShapeName;
}

/** Requests as the load generator sends them: the n-th of its first seed is the n-th here. */
export function corpus({ signal = 'logs', requests, items, shape = 'typical' }: CorpusSettings): Uint8Array[] {
  const common = { items, shape: shapeOf(shape, signal), startUnixNano: 1_790_000_000_000_000_000n };
  return Array.from({ length: requests }, (_, index) => requestOf(signal, { ...common, seed: 1 + index }));
}
