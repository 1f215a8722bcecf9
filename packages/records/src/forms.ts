import type { Field, Form } from './field.ts';
import { putAt, valueAt } from './field.ts';
import { isList, isMap, type Value, type ValueMap } from './value.ts';

/** OTLP/JSON leaves strings out that are empty. */
export const text: Form = {
  expects: 'text',
  read: (json) => (typeof json === 'string' && json !== '' ? json : undefined),
  write: (value) => value,
  canonical: (value) => (typeof value === 'string' ? value : scalarText(value)),
};

function scalarText(value: Value): string | undefined {
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : undefined;
}

export const flag: Form = {
  expects: 'true or false',
  read: (json) => (json === true ? true : undefined),
  write: (value) => value,
  canonical: (value) => (typeof value === 'boolean' ? value : undefined),
};

/** Any whole number: OTLP/JSON writes those of 64 bits as strings. Zero is the default. */
export const integer: Form = {
  expects: 'a whole number',
  read: (json) => {
    const value = integerOf(json);
    return value === 0n ? undefined : value;
  },
  write: String,
  canonical: wholeNumber,
};

/** A whole number that may be zero, or not be there. */
export const count: Form = { ...integer, read: integerOf };

function integerOf(json: unknown): bigint | undefined {
  return typeof json === 'string' || typeof json === 'number' ? BigInt(json) : undefined;
}

function wholeNumber(value: Value): bigint | undefined {
  return typeof value === 'bigint' ? value : undefined;
}

export const double: Form = {
  expects: 'a number',
  read: doubleOf,
  write: doubleJson,
  canonical: (value) => (typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined),
};

function doubleOf(json: unknown): number | undefined {
  if (typeof json === 'string') return Number(json);
  return typeof json === 'number' ? json : undefined;
}

function doubleJson(value: Value): unknown {
  const number = value as number;
  return Number.isFinite(number) ? number : String(number);
}

/** Words for the numbers of an enum; numbers without a word stay numbers. Zero is the default. */
export function wordsFor(words: readonly string[]): Form {
  return {
    expects: `one of ${words.filter((word) => word !== '').join(', ')}`,
    read: (json) => (json === undefined || json === 0 ? undefined : words[Number(json)] || BigInt(json as number)),
    write: (value) => (typeof value === 'bigint' ? Number(value) : words.indexOf(value as string)),
    canonical: (value) => {
      if (typeof value === 'bigint') return words[Number(value)] || value;
      if (typeof value !== 'string') return undefined;
      return words.find((word) => word !== '' && word.toLowerCase() === value.toLowerCase());
    },
  };
}

/** `INFO`, `WARN2`: the names of the data model, four to each. */
export const severity: Form = {
  ...wordsFor(severityWords()),
  expects: 'TRACE, DEBUG, INFO, WARN, ERROR or FATAL, each with 2, 3 or 4 behind it, or a number',
};

function severityWords(): string[] {
  const steps = ['', '2', '3', '4'];
  const names = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
  return ['', ...names.flatMap((name) => steps.map((step) => `${name}${step}`))];
}

/** Hexadecimal digits; few of them, or a whole number, are filled up with zeros on the left. */
export function id(bytes: number): Form {
  const digits = bytes * 2;
  return {
    expects: `at most ${digits} hexadecimal digits`,
    read: (json) => (typeof json === 'string' && json !== '' ? json.toLowerCase() : undefined),
    write: (value) => value,
    canonical: (value) => {
      const given = typeof value === 'bigint' ? String(value) : value;
      if (typeof given !== 'string' || given.length > digits || !/^[0-9a-f]+$/i.test(given)) return undefined;
      return given.toLowerCase().padStart(digits, '0');
    },
  };
}

/** A moment, as ISO 8601 in UTC with up to nine decimal places; a whole number is in nanoseconds since 1970. */
export const time: Form = {
  expects: 'a time such as 2026-01-01T00:00:00.5Z',
  read: (json) => {
    const nanos = integerOf(json);
    return nanos === undefined || nanos === 0n ? undefined : timeText(nanos);
  },
  write: (value) => String(nanosOf(value)),
  canonical: (value) => {
    const nanos = nanosOf(value);
    return nanos === undefined || nanos < 0n ? undefined : timeText(nanos);
  },
};

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;
/** The last millisecond that has a date. */
const LAST_MS = 8_640_000_000_000_000n;

/** Nanoseconds since 1970; undefined for what is no time. */
export function nanosOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'string') return undefined;
  const [, second, fraction = ''] = TIME.exec(value) ?? [];
  const ms = second === undefined ? Number.NaN : Date.parse(`${second}Z`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

export function timeText(nanos: bigint): Value {
  const ms = nanos / 1_000_000n;
  if (ms > LAST_MS) return nanos;
  const second = new Date(Number(ms)).toISOString().slice(0, -'.000Z'.length);
  const fraction = String(nanos % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${second}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** Any value, as bodies and attributes have them. */
export const anyValue: Form = {
  expects: 'a value',
  read: anyValueOf,
  write: anyValueJson,
  canonical: (value) => value,
};

type AnyValueJson = Readonly<Record<string, unknown>>;

function anyValueOf(json: unknown): Value | undefined {
  const [kind, value] = Object.entries((json as AnyValueJson | undefined) ?? {})[0] ?? [];
  switch (kind) {
    case 'stringValue':
    case 'boolValue':
      return value as string | boolean;
    case 'intValue':
      return integerOf(value);
    case 'doubleValue':
      return doubleOf(value);
    case 'bytesValue':
      return new Uint8Array(Buffer.from(value as string, 'base64'));
    case 'arrayValue':
      return ((value as { values?: unknown[] }).values ?? []).map((item) => anyValueOf(item) ?? null);
    case 'kvlistValue':
      return attributesOf((value as { values?: unknown[] }).values);
    default:
      return undefined;
  }
}

function anyValueJson(value: Value): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: doubleJson(value) };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (isMap(value)) return { kvlistValue: { values: attributesJson(value) } };
  return { arrayValue: { values: value.map(anyValueJson) } };
}

/** A map of any values. */
export const attributes: Form = {
  expects: 'a map',
  read: (json) => (Array.isArray(json) && json.length > 0 ? attributesOf(json) : undefined),
  write: (value) => attributesJson(value as ValueMap),
  canonical: (value) => (isMap(value) ? value : undefined),
};

function attributesOf(json: unknown): ValueMap {
  const list = (json ?? []) as readonly { key?: string; value?: unknown }[];
  return new Map(list.map(({ key = '', value }) => [key, anyValueOf(value) ?? null]));
}

function attributesJson(map: ValueMap): object[] {
  return [...map].map(([key, value]) => ({ key, value: anyValueJson(value) }));
}

/** A list of numbers. */
export function listOf(item: Form): Form {
  return {
    expects: `a list; each: ${item.expects}`,
    read: (json) =>
      Array.isArray(json) && json.length > 0 ? json.map((each) => item.read(each) ?? item.canonical(0n)!) : undefined,
    write: (value) => (value as readonly Value[]).map((each) => item.write(each)),
    canonical: (value) => {
      if (!isList(value)) return undefined;
      const items = value.map((each) => item.canonical(each));
      return items.includes(undefined) ? undefined : (items as Value[]);
    },
  };
}

/** A list of messages, each written as a map. */
export function messages(fields: readonly Field[]): Form {
  const one = message(fields);
  return {
    expects: 'a list of maps',
    fields,
    read: (json) => (Array.isArray(json) && json.length > 0 ? json.map((each) => one.read(each)!) : undefined),
    write: (value) => (value as readonly Value[]).map((each) => one.write(each)),
    canonical: (value) => {
      if (!isList(value)) return undefined;
      const items = value.map((each) => one.canonical(each));
      return items.includes(undefined) ? undefined : (items as Value[]);
    },
  };
}

/** A message, written as a map. */
export function message(fields: readonly Field[]): Form {
  return {
    expects: 'a map',
    fields,
    read: (json) => (json === undefined ? undefined : readFields(fields, json)),
    write: (value) => writeFields(fields, value as ValueMap),
    canonical: (value) => {
      if (!isMap(value)) return undefined;
      const entries = [...value].map(([key, item]) => {
        const field = fields.find(({ name }) => name === key);
        return [key, field?.form.canonical(item)] as const;
      });
      return entries.some(([, item]) => item === undefined) ? undefined : new Map(entries as [string, Value][]);
    },
  };
}

/** The fields of a message that are not what they are by default. */
export function readFields(fields: readonly Field[], json: unknown): Map<string, Value> {
  const record = new Map<string, Value>();
  for (const { name, path, form } of fields) {
    const value = form.read(valueAt(json, path));
    if (value !== undefined) record.set(name, value);
  }
  return record;
}

/** OTLP/JSON of what has been brought into canonical form. */
export function writeFields(fields: readonly Field[], values: ValueMap): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const { name, path, form } of fields) {
    const value = values.get(name);
    if (value !== undefined && value !== null) putAt(json, path, form.write(value));
  }
  return json;
}
