import type { TelemetryRecord } from './telemetry-record.ts';
import { isMap, quote, sameValue, type Value, type ValueMap, valueText } from './value.ts';

/** What happened to one field. */
export interface FieldChange {
  /** `severity`, `attributes["url.path"]`. */
  readonly path: string;
  /** Undefined where the field was not there. */
  readonly before: Value | undefined;
  /** Undefined where the field is gone. */
  readonly after: Value | undefined;
}

/** What happened to one record. `before` and `after` are its positions; changes are in the order of the fields. */
export type RecordChange =
  | { readonly kind: 'unchanged'; readonly before: number; readonly after: number }
  | {
      readonly kind: 'changed';
      readonly before: number;
      readonly after: number;
      readonly changes: readonly FieldChange[];
    }
  | { readonly kind: 'dropped'; readonly before: number }
  | { readonly kind: 'added'; readonly after: number };

/**
 * What became of records, in the order in which they were, then what is new. Spans are matched by their ids; others as
 * they are most alike.
 */
export function diffRecords(before: readonly TelemetryRecord[], after: readonly TelemetryRecord[]): RecordChange[] {
  const olds = before.map(leavesOf);
  const news = after.map(leavesOf);
  const partners = matched(before.map(identityOf), after.map(identityOf), olds, news);
  const changes = olds.map((old, index): RecordChange => {
    const partner = partners.get(index);
    if (partner === undefined) return { kind: 'dropped', before: index };
    const fields = changesBetween(old, news[partner]);
    const pair = { before: index, after: partner };
    return fields.length === 0 ? { kind: 'unchanged', ...pair } : { kind: 'changed', ...pair, changes: fields };
  });
  const known = new Set(partners.values());
  for (const index of news.keys()) if (!known.has(index)) changes.push({ kind: 'added', after: index });
  return changes;
}

/** What is different between two records, field by field. */
export function diffFields(before: ValueMap, after: ValueMap): FieldChange[] {
  return changesBetween(leaves(before), leaves(after));
}

type Leaves = ReadonlyMap<string, Value>;

/** The fields of a record, maps taken apart. */
function leavesOf({ fields }: TelemetryRecord): Leaves {
  return leaves(fields);
}

function leaves(fields: ValueMap): Leaves {
  const found = new Map<string, Value>();
  const visit = (path: string, value: Value) => {
    if (!isMap(value) || value.size === 0) found.set(path, value);
    else for (const [key, item] of value) visit(`${path}[${quote(key)}]`, item);
  };
  for (const [name, value] of fields) visit(name, value);
  return found;
}

function changesBetween(old: Leaves, fresh: Leaves): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const [path, before] of old) {
    const after = fresh.get(path);
    if (!sameValue(before, after)) changes.push({ path, before, after });
  }
  for (const [path, after] of fresh) if (!old.has(path)) changes.push({ path, before: undefined, after });
  return changes;
}

/** What tells a record from others for ever; undefined where only likeness can. */
function identityOf({ signal, fields }: TelemetryRecord): string | undefined {
  if (signal !== 'traces' || !fields.has('span_id')) return undefined;
  const [traceId = null, spanId = null] = [fields.get('trace_id'), fields.get('span_id')];
  return `${valueText(traceId)} ${valueText(spanId)}`;
}

/** New positions by old ones. */
function matched(
  oldIds: readonly (string | undefined)[],
  newIds: readonly (string | undefined)[],
  olds: readonly Leaves[],
  news: readonly Leaves[],
): Map<number, number> {
  const partners = new Map<number, number>();
  const taken = new Set<number>();
  const pairUp = (oldKeys: readonly (string | undefined)[], newKeys: readonly (string | undefined)[]) => {
    const waiting = Map.groupBy(newKeys.keys(), (index) => newKeys[index]);
    for (const [index, name] of oldKeys.entries()) {
      if (name === undefined || partners.has(index)) continue;
      const partner = waiting.get(name)?.find((each) => !taken.has(each));
      if (partner === undefined) continue;
      partners.set(index, partner);
      taken.add(partner);
    }
  };
  pairUp(oldIds, newIds);
  pairUp(olds.map(textOf), news.map(textOf));
  const restOld = [...olds.keys()].filter((index) => !partners.has(index));
  const restNew = [...news.keys()].filter((index) => !taken.has(index));
  for (const [index, partner] of mostAlike(restOld, restNew, olds, news)) partners.set(index, partner);
  return partners;
}

function textOf(fields: Leaves): string {
  return [...fields].map(([path, value]) => `${path}=${valueText(value)}`).join('\n');
}

/** Records that share less than this part of their fields are others. */
const LIKENESS_MIN = 0.3;
/** More pairs than this are not compared: records are then matched by position. */
const PAIRS_MAX = 40_000;

function* mostAlike(
  restOld: readonly number[],
  restNew: readonly number[],
  olds: readonly Leaves[],
  news: readonly Leaves[],
): Generator<readonly [number, number]> {
  if (restOld.length * restNew.length > PAIRS_MAX) {
    for (const [place, index] of restOld.entries()) if (place < restNew.length) yield [index, restNew[place]];
    return;
  }
  const pairs = restOld.flatMap((old, place) =>
    restNew.map((fresh, other) => ({
      old,
      fresh,
      likeness: likeness(olds[old], news[fresh]),
      distance: Math.abs(place - other),
    })),
  );
  pairs.sort((a, b) => b.likeness - a.likeness || a.distance - b.distance);
  const takenOld = new Set<number>();
  const takenNew = new Set<number>();
  for (const { old, fresh, likeness } of pairs) {
    if (likeness < LIKENESS_MIN) return;
    if (takenOld.has(old) || takenNew.has(fresh)) continue;
    takenOld.add(old);
    takenNew.add(fresh);
    yield [old, fresh];
  }
}

/** The part of their fields that two records share, 0 to 1. */
function likeness(old: Leaves, fresh: Leaves): number {
  let same = 0;
  for (const [path, value] of old) if (sameValue(value, fresh.get(path))) same++;
  return (2 * same) / Math.max(1, old.size + fresh.size);
}
