import type { Batch, StatefulHost } from '@millrace/api';
import { ByteWriter } from '@millrace/otlp';
import { indexSpans, type SpanGroup } from './span-index.ts';
import { writeGroup } from './write-group.ts';

/** What a batch has of one trace. */
export interface Fragment {
  /** The trace id as Latin-1. */
  readonly key: string;
  readonly batches: readonly Batch[];
  readonly spans: number;
  readonly bytes: number;
  readonly hasRoot: boolean;
}

/**
 * Cuts a batch into one fragment for each trace. Takes the batch over.
 *
 * @throws a retryable DeliveryError when there is no memory for the fragments; the batch is released then.
 */
export function cutByTrace(
  batch: Batch,
  host: Pick<StatefulHost, 'makeBatch'>,
  options: { readonly roots: boolean },
): readonly Fragment[] {
  const groups = indexSpans(batch.chunks, options);
  if (groups.length === 1) return [fragmentOf(groups[0], [batch])];
  if (groups.length === 0) {
    batch.release();
    return [];
  }
  return rewrite(batch, groups, host);
}

function fragmentOf({ key, scopes, hasRoot }: SpanGroup, batches: readonly Batch[]): Fragment {
  return { key, batches, spans: scopes.length, bytes: batches.reduce((sum, { bytes }) => sum + bytes, 0), hasRoot };
}

function rewrite(batch: Batch, groups: readonly SpanGroup[], host: Pick<StatefulHost, 'makeBatch'>): Fragment[] {
  const out = new ByteWriter();
  const fragments: Fragment[] = [];
  try {
    for (const group of groups) {
      out.length = 0;
      writeGroup(out, group);
      fragments.push(fragmentOf(group, [host.makeBatch([out.view().slice()], batch)]));
    }
  } catch (error) {
    release(fragments);
    throw error;
  } finally {
    batch.release();
  }
  return fragments;
}

export function release(fragments: readonly Fragment[]): void {
  for (const { batches } of fragments) for (const batch of batches) batch.release();
}
