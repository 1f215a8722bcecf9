import type { AttributesView } from '@millrace/otlp';
import type { Shape } from './shape.ts';

/** One export request of the corpus. The same settings give the same bytes. */
export interface RequestSettings {
  readonly seed: number;
  /** Log records, spans or data points. */
  readonly items: number;
  readonly shape: Shape;
  /** Time of the first item. */
  readonly startUnixNano: bigint;
  /** Value of the attribute {@link LOAD_ID} of each item; absent: items carry none. */
  readonly loadId?: string;
}

/** Attribute of items whose arrival is counted. */
export const LOAD_ID = 'millrace.load.id';

export function setLoadId(attributes: AttributesView, { loadId }: RequestSettings): void {
  if (loadId !== undefined) attributes.set(LOAD_ID, loadId);
}
