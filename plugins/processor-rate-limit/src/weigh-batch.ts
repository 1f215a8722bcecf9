import type { Batch } from '@millrace/api';
import type { BucketTable } from './bucket-table.ts';
import type { KeyReader } from './key-reader.ts';
import type { TokenBucket } from './token-bucket.ts';
import { type ItemView, type LimitedSignal, openBatch, type Surrounding, walkItems } from './walk-items.ts';

/** Items in a row that share a bucket. */
export interface Run {
  readonly bucket: TokenBucket;
  items: number;
}

/** What a batch asks for. */
export interface Weighed {
  readonly runs: readonly Run[];
  /** Tokens, by bucket. */
  readonly needs: ReadonlyMap<TokenBucket, number>;
}

/** What an item takes of a limit. */
export type Weight = (item: ItemView) => number;

/** How many tokens a batch asks of which bucket; takes none. Without a weight, an item takes one token. */
export function weighBatch(
  batch: Batch,
  {
    keys,
    table,
    weight,
  }: { readonly keys: KeyReader; readonly table: BucketTable; readonly weight: Weight | undefined },
): Weighed {
  table.begin();
  keys.begin(batch);
  if (keys.looksAtSenderOnly && weight === undefined) {
    const bucket = table.of(keys.key);
    return { runs: [{ bucket, items: batch.items }], needs: new Map([[bucket, batch.items]]) };
  }
  const runs: Run[] = [];
  const needs = new Map<TokenBucket, number>();
  const { looksAtItems } = keys;
  let run: Run | undefined;
  walkItems(openBatch(batch.signal as LimitedSignal, batch.chunks), {
    enter(what: Surrounding, view: object) {
      keys.enter(what, view);
      run = undefined;
    },
    item(view) {
      if (looksAtItems) keys.enter('item', view);
      if (run === undefined || looksAtItems) {
        const bucket = table.of(keys.key);
        if (run?.bucket !== bucket) runs.push((run = { bucket, items: 0 }));
      }
      run.items++;
      needs.set(run.bucket, (needs.get(run.bucket) ?? 0) + (weight?.(view) ?? 1));
      return true;
    },
  });
  return { runs, needs };
}
