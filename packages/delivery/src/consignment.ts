import type { ClientContext } from '@millrace/api';
import type { Part } from './queue-entry.ts';
import type { Load } from './shipment.ts';

/** Parts of queue entries that leave together, as one request. */
export interface Consignment<T extends Load> {
  readonly parts: readonly Part<T>[];
  readonly context: ClientContext | undefined;
}

/** Where consumers get their work. */
export interface ConsignmentSource<T extends Load> {
  /** The next one in order; waits for it. Undefined when there will be no more. */
  next(): Promise<Consignment<T> | undefined>;
}

/**
 * Which loads may be merged: those with the same request metadata, because a sink may pass metadata on. The address
 * is left out, or no two clients' data would ever share a request.
 */
export function partitionOf(context: ClientContext | undefined): string {
  const metadata = context?.metadata;
  if (metadata === undefined) return '';
  return JSON.stringify(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The context of loads of one partition: what they have in common. */
export function commonContext(loads: readonly Load[]): ClientContext | undefined {
  const context = loads[0].context;
  if (context === undefined) return undefined;
  if (loads.every((load) => load.context === context || load.context?.address === context.address)) return context;
  return context.metadata === undefined ? undefined : { metadata: context.metadata };
}
