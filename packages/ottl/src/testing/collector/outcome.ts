import { jsonToProto, protoToJson } from '@millrace/otlp';
import { compileConditions, compileStatements, compileValue } from '../../compile-statements.ts';
import type { ContextName } from '../../context/context-name.ts';
import { functionRegistry } from '../../function/define-function.ts';
import { LOG_FUNCTIONS } from '../../functions/logs/log-functions.ts';
import { METRIC_FUNCTIONS } from '../../functions/metrics/metric-functions.ts';
import { SPAN_FUNCTIONS } from '../../functions/spans/span-functions.ts';
import { STANDARD_FUNCTIONS } from '../../functions/standard-functions.ts';
import { OttlErrors } from '../../ottl-error.ts';
import { Id } from '../../value/id.ts';
import { Duration, Time } from '../../value/time.ts';
import { isList, isMap, type Value } from '../../value/value.ts';
import { batchOf, forEach, signalOf } from '../telemetry.ts';

/**
 * What comes of OTTL, in a form without types of ours: what stands in the tables beside this file. A value; what differs in the
 * telemetry afterwards, by its place; or that it "fails" for the record, or that the configuration is "invalid".
 */
export type Outcome = unknown;

const functions = functionRegistry(STANDARD_FUNCTIONS, LOG_FUNCTIONS, SPAN_FUNCTIONS, METRIC_FUNCTIONS);
/** For layouts without a year: 2026-11-21. */
const options = { functions, errorMode: 'propagate', now: () => 1_795_219_200_000_000_000n } as const;

export function valueOutcome(otlp: object, value: string): Outcome {
  return attempt(() => {
    const reader = compileValue({ ...options, context: 'log', value });
    return { is: shown(firstOf(otlp, (view) => reader.get(view))) };
  });
}

export function conditionOutcome(otlp: object, condition: string): Outcome {
  return attempt(() => {
    const compiled = compileConditions({ ...options, context: 'log', conditions: [condition] });
    return firstOf(otlp, (view) => compiled.test(view));
  });
}

export function statementOutcome(otlp: object, context: ContextName, statement: string): Outcome {
  return attempt(() => {
    const signal = signalOf(context);
    const program = compileStatements({ ...options, context, statements: [statement] });
    const request = jsonToProto(signal, JSON.stringify(otlp));
    const batch = batchOf(signal, request);
    forEach(batch, context, (view, parent, index) => program.run(view, parent, index));
    const read = (chunks: readonly Uint8Array[]): unknown =>
      JSON.parse(Buffer.from(protoToJson(signal, chunks)).toString()) as unknown;
    return { changes: changesBetween(read([request]), read(batch.chunks)) };
  });
}

function attempt(run: () => Outcome): Outcome {
  try {
    return run();
  } catch (error) {
    if (error instanceof OttlErrors) return 'invalid';
    // The others are mistakes of ours, not of the statement.
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    return 'fails';
  }
}

function firstOf<T>(otlp: object, read: (view: unknown) => T): T {
  const found: T[] = [];
  forEach(batchOf('logs', jsonToProto('logs', JSON.stringify(otlp))), 'log', (view) => found.push(read(view)));
  return found[0];
}

/** ints, floats, times and the like as objects with one name; entries of maps by their keys. */
export function shown(value: Value): unknown {
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number') return { float: String(value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (value instanceof Time) return { time: String(value.unixNanos) };
  if (value instanceof Duration) return { duration: String(value.nanos) };
  if (value instanceof Id) return { [`${value.kind}id`]: value.hex };
  if (isList(value)) return { list: value.map(shown) };
  return isMap(value) ? { map: Object.fromEntries([...value].map(([key, each]) => [key, shown(each)])) } : value;
}

/** What is in `after` and not in `before`, by its place; null for what is gone. Places in attributes are their keys. */
export function changesBetween(before: unknown, after: unknown): Readonly<Record<string, unknown>> {
  const [was, is] = [leavesOf(before), leavesOf(after)];
  const changes: Record<string, unknown> = {};
  for (const [place, value] of is) if (was.get(place) !== value) changes[place] = value;
  for (const place of was.keys()) if (!is.has(place)) changes[place] = null;
  return Object.fromEntries(Object.entries(changes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface KeyValue {
  readonly key: string;
  readonly value?: unknown;
}

function leavesOf(root: unknown): ReadonlyMap<string, unknown> {
  const leaves = new Map<string, unknown>();
  const visit = (node: unknown, place: string): void => {
    if (typeof node !== 'object' || node === null) {
      if (node !== '' || place.endsWith('stringValue')) leaves.set(place, node);
      return;
    }
    const isKeyed = Array.isArray(node) && node.length > 0 && Object.hasOwn(node[0] as object, 'key');
    const entries = isKeyed
      ? (node as KeyValue[]).map(({ key, value = {} }) => [JSON.stringify(key), value] as const)
      : Object.entries(node);
    // An empty value is there; empty messages are as good as none.
    if (entries.length === 0 && /"$|Value$|values\.\d+$/.test(place)) leaves.set(place, 'empty');
    for (const [name, each] of entries) visit(each, place === '' ? name : `${place}.${name}`);
  };
  visit(root, '');
  return leaves;
}
