import {
  diffRecords,
  readRecords,
  type RecordChange,
  recordText,
  type TelemetryRecord,
  titleOf,
  valueText,
} from '@millrace/records';
import { chunksOf, type TapData, type TapMessage } from '../../control/tap-message.ts';
import { type RecordFilter, singleItems } from './record-filter.ts';

/** What a component did to the records of one run. */
export interface TapChanges {
  readonly before: readonly TelemetryRecord[];
  readonly after: readonly TelemetryRecord[];
  readonly changes: readonly RecordChange[];
}

/**
 * What is different between the two sides of a message. Of batches that are larger than what a tap shows, both sides have
 * the first records only: what has no partner behind the last pair is not told, as it may have one out of sight.
 */
export function changesOf(message: TapMessage, filter: RecordFilter | undefined): TapChanges {
  const before = itemsOf(message.before === undefined ? [] : [message.before]);
  const after = itemsOf(message.after);
  const all = diffRecords(before.records, after.records);
  const lastBefore = Math.max(
    -1,
    ...all.map((change) => ('after' in change && 'before' in change ? change.before : -1)),
  );
  const lastAfter = Math.max(-1, ...all.map((change) => ('after' in change && 'before' in change ? change.after : -1)));
  const changes = all.filter((change) => {
    if (change.kind === 'dropped' && after.isCut && change.before > lastBefore) return false;
    if (change.kind === 'added' && before.isCut && change.after > lastAfter) return false;
    if (filter === undefined) return true;
    const was = 'before' in change && before.matches(change.before, filter);
    return was || ('after' in change && after.matches(change.after, filter));
  });
  return { before: before.records, after: after.records, changes };
}

interface Items {
  readonly records: readonly TelemetryRecord[];
  /** There were more. */
  readonly isCut: boolean;
  readonly matches: (index: number, filter: RecordFilter) => boolean;
}

function itemsOf(sides: readonly TapData[]): Items {
  // A connector may give one record to several pipelines.
  const items = sides.flatMap((side) => singleItems(side.signal, chunksOf(side)));
  return {
    records: items.flatMap(({ signal, request }) => readRecords(signal, [request])),
    isCut: sides.some(({ items: shown, itemsTotal }) => shown < itemsTotal),
    matches: (index, filter) => filter.matches(items[index]),
  };
}

/** A change as data: values as texts that show their types. */
export function changeJson(change: RecordChange, { before, after }: Omit<TapChanges, 'changes'>): object {
  switch (change.kind) {
    case 'unchanged':
      return { change: 'unchanged' };
    case 'changed':
      return {
        change: 'changed',
        record: titleOf(before[change.before]),
        fields: change.changes.map(({ path, before, after }) => ({
          path,
          ...(before === undefined ? {} : { before: valueText(before) }),
          ...(after === undefined ? {} : { after: valueText(after) }),
        })),
      };
    case 'dropped':
      return { change: 'dropped', record: recordText(before[change.before]) };
    case 'added':
      return { change: 'added', record: recordText(after[change.after]) };
  }
}
