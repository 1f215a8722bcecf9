import { didYouMeanOf, formatDuration, parseDuration } from '@millrace/config';
import { describeNode, type ConfigNode, type MapNode, type Origin, type Problems } from '@millrace/config';
import type { Field, Form } from './field.ts';
import {
  DATA_FIELDS,
  LOG_FIELDS,
  METRIC_FIELDS,
  METRIC_TYPES,
  POINT_FIELDS,
  RESOURCE_FIELDS,
  SCOPE_FIELDS,
  SPAN_FIELDS,
} from './fields.ts';
import { double, wordsFor } from './forms.ts';
import type { RecordSignal } from './telemetry-record.ts';
import type { Value, ValueMap } from './value.ts';

/** A record as somebody wrote it: nothing that is not written is in it. A null means that the field is not there. */
export interface ShortRecord {
  readonly fields: ValueMap;
  readonly origin: Origin;
}

/** `250ms`: how long after its start a span ends. */
const duration: Form = {
  expects: 'a duration such as 250ms',
  read: () => undefined,
  write: () => undefined,
  canonical: (value) => {
    const ms = typeof value === 'string' ? parseDuration(value) : undefined;
    return ms === undefined ? undefined : formatDuration(ms);
  },
};

/** Whole or not, as it is written. */
const value: Form = {
  ...double,
  canonical: (given) => (typeof given === 'bigint' || typeof given === 'number' ? given : undefined),
};

const AROUND = [...RESOURCE_FIELDS, ...SCOPE_FIELDS];

const FIELDS: Readonly<Record<RecordSignal, readonly Field[]>> = {
  logs: [...LOG_FIELDS, ...AROUND],
  traces: [...SPAN_FIELDS, { name: 'duration', path: [], form: duration }, ...AROUND],
  metrics: [
    ...METRIC_FIELDS,
    { name: 'type', path: [], form: wordsFor([...METRIC_TYPES.keys()]) },
    ...DATA_FIELDS,
    { name: 'value', path: [], form: value },
    ...POINT_FIELDS,
    ...AROUND,
  ],
};

/** Reads a list of records; says where it is none. Without a signal, each record's own fields tell which it has. */
export function readShortRecords(
  node: ConfigNode,
  signal: RecordSignal | undefined,
  problems: Problems,
): ShortRecord[] {
  if (node.kind === 'invalid') return [];
  if (node.kind !== 'list') {
    wrong(node, 'a list of records', problems, 'write "- body: …" lines below it');
    return [];
  }
  return node.items.flatMap((item) => {
    if (item.kind === 'invalid') return [];
    if (item.kind !== 'map') {
      wrong(item, 'a record: a map of its fields', problems, 'write "body: …" or "name: …"');
      return [];
    }
    const fields = readRecord(item, FIELDS[signal ?? likelySignal(item)], problems);
    return fields === undefined ? [] : [{ fields, origin: item.origin }];
  });
}

/** The signal that knows most of the fields. */
function likelySignal({ entries }: MapNode): RecordSignal {
  const signals = Object.keys(FIELDS) as RecordSignal[];
  const known = (signal: RecordSignal) =>
    [...entries.keys()].filter((key) => FIELDS[signal].some(({ name }) => name === key)).length;
  return signals.reduce((best, signal) => (known(signal) > known(best) ? signal : best));
}

function readRecord(node: MapNode, fields: readonly Field[], problems: Problems): ValueMap | undefined {
  const record = new Map<string, Value>();
  let isWhole = true;
  for (const [name, { key, value: given }] of node.entries) {
    const known = fields.find((field) => field.name === name);
    if (known === undefined) {
      const remedy = didYouMeanOf(
        name,
        fields.map((field) => field.name),
        'known fields',
      );
      problems.error({ code: 'UNKNOWN_FIELD', origin: key, message: `the field "${name}" is not known`, remedy });
      isWhole = false;
      continue;
    }
    const found = readValue(given, known.form, problems);
    if (found === undefined) isWhole = false;
    else record.set(name, found);
  }
  return isWhole ? record : undefined;
}

function readValue(node: ConfigNode, form: Form, problems: Problems): Value | undefined {
  if (node.kind === 'invalid') return undefined;
  if (node.kind === 'scalar' && node.value === null) return null;
  if (form.fields !== undefined && node.kind === 'list') {
    const items = node.items.map((item) =>
      item.kind === 'map' ? readRecord(item, form.fields!, problems) : undefined,
    );
    if (items.every((item) => item !== undefined)) return items;
    for (const item of node.items) if (item.kind !== 'map') wrong(item, 'a map', problems);
    return undefined;
  }
  if (form.fields !== undefined && node.kind === 'map' && form.expects === 'a map') {
    return readRecord(node, form.fields, problems);
  }
  const canonical = form.canonical(valueOf(node));
  if (canonical === undefined) wrong(node, form.expects, problems);
  return canonical;
}

/** A value as YAML has it; whole numbers are those without a point. */
export function valueOf(node: ConfigNode): Value {
  switch (node.kind) {
    case 'invalid':
      return null;
    case 'list':
      return node.items.map(valueOf);
    case 'map':
      return new Map([...node.entries].map(([key, entry]) => [key, valueOf(entry.value)]));
    case 'scalar':
      return typeof node.value === 'number' && isWhole(node.text) ? BigInt(node.value) : node.value;
  }
}

function isWhole(text: string): boolean {
  return /^[-+]?(?:\d+|0[xob][\da-f_]+)$/i.test(text);
}

function wrong(node: ConfigNode, expected: string, problems: Problems, remedy?: string): void {
  const message = `must be ${expected}, got ${describeNode(node)}`;
  problems.error({ code: 'WRONG_TYPE', origin: node.origin, message, remedy });
}
