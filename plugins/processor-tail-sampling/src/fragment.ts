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
 * A host that makes batches: copies the chunks into accounted memory, or throws a retryable error. `from`: whose sender
 * they are of.
 */
export interface BatchMaker {
  makeBatch(chunks: readonly Uint8Array[], from?: Pick<Batch, 'context'>): Batch;
}

/**
 * Cuts a batch into one fragment for each trace. Takes the batch over.
 *
 * @throws a retryable DeliveryError when there is no memory for the fragments; the batch is released then.
 */
export function cutByTrace(
  batch: Batch,
  host: Pick<StatefulHost, 'split'> & Partial<BatchMaker>,
  options: { readonly roots: boolean },
): readonly Fragment[] {
  const groups = indexSpans(batch.chunks, options);
  if (groups.length === 1) return [fragmentOf(groups[0], [batch])];
  if (groups.length === 0) {
    batch.release();
    return [];
  }
  return host.makeBatch === undefined ? splitUp(batch, host, options) : rewrite(batch, groups, host as BatchMaker);
}

function fragmentOf({ key, scopes, hasRoot }: SpanGroup, batches: readonly Batch[]): Fragment {
  return { key, batches, spans: scopes.length, bytes: batches.reduce((sum, { bytes }) => sum + bytes, 0), hasRoot };
}

function rewrite(batch: Batch, groups: readonly SpanGroup[], host: BatchMaker): Fragment[] {
  const out = new ByteWriter();
  const fragments: Fragment[] = [];
  try {
    for (const group of groups) {
      out.length = 0;
      writeGroup(out, group);
      fragments.push(fragmentOf(group, [host.makeBatch([out.view()], batch)]));
    }
  } catch (error) {
    release(fragments);
    throw error;
  } finally {
    batch.release();
  }
  return fragments;
}

/** For a host that makes no batches: pieces with spans of one trace each, put together by trace. */
function splitUp(batch: Batch, host: Pick<StatefulHost, 'split'>, options: { readonly roots: boolean }): Fragment[] {
  const fragments = new Map<string, Fragment>();
  for (const { group, piece } of pieces(batch, host, options)) {
    const { key, batches, spans, bytes, hasRoot } = fragmentOf(group, [piece]);
    const before = fragments.get(key);
    fragments.set(key, {
      key,
      batches: before === undefined ? batches : [...before.batches, ...batches],
      spans: spans + (before?.spans ?? 0),
      bytes: bytes + (before?.bytes ?? 0),
      hasRoot: hasRoot || before?.hasRoot === true,
    });
  }
  return [...fragments.values()];
}

/**
 * Splits a batch until there is one trace in each piece. In steps, as splitting costs time in proportion to the pieces times
 * the size of what is split.
 */
function pieces(batch: Batch, host: Pick<StatefulHost, 'split'>, options: { readonly roots: boolean }) {
  const done: { readonly group: SpanGroup; readonly piece: Batch }[] = [];
  const open = [batch];
  try {
    for (let piece = open.at(-1); piece !== undefined; piece = open.at(-1)) {
      const groups = indexSpans(piece.chunks, options);
      if (groups.length > 1) {
        const smaller = host.split(piece, Math.floor(Math.sqrt(piece.items)));
        open.pop();
        open.push(...smaller.toReversed());
        continue;
      }
      open.pop();
      if (groups.length === 1) done.push({ group: groups[0], piece });
      else piece.release();
    }
  } catch (error) {
    for (const piece of [...open, ...done.map((each) => each.piece)]) piece.release();
    throw error;
  }
  return done;
}

export function release(fragments: readonly Fragment[]): void {
  for (const { batches } of fragments) for (const batch of batches) batch.release();
}
