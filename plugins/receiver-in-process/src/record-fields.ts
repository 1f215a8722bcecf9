import { messageOf, permanent } from '@millrace/api';
import type { Time } from './input.ts';

/** Of 2^64 nanoseconds. */
const TIME_MS_MAX = 18e12;

/** Nanoseconds since the Unix epoch. @throws RangeError for what is no time after it. */
export function unixNano(time: Time): bigint {
  if (typeof time === 'bigint' && time >= 0n && time < 2n ** 64n) return time;
  const ms = Number(time);
  if (!Number.isFinite(ms) || ms < 0 || ms > TIME_MS_MAX) throw new RangeError(`${String(time)} is no time`);
  return BigInt(Math.round(ms * 1_000)) * 1_000n;
}

/** A name of a fixed list. @throws RangeError that shows the list. */
export function oneOf<K extends string>(what: string, value: K, names: Readonly<Record<K, number>>): number {
  if (Object.hasOwn(names, value)) return names[value];
  throw new RangeError(`there is no ${what} "${value}": write one of ${Object.keys(names).join(', ')}`);
}

/** The bytes of an id that has that many hex digits. @throws RangeError */
export function idBytes(what: string, id: string, digits: number): Uint8Array {
  const bytes = typeof id === 'string' && id.length === digits ? Buffer.from(id, 'hex') : undefined;
  if (bytes?.length === digits / 2) return bytes;
  throw new RangeError(`"${id}" is no ${what}: it has ${digits} hex digits`);
}

/** How records of one kind are checked. */
export interface RecordKind {
  /** For messages: `log record`. */
  readonly what: string;
  readonly fields: ReadonlySet<string>;
}

/** Does something with each record by its index; what is wrong with one is told with its place. Refuses unknown fields. */
export function eachRecord<R extends object>(
  { what, fields }: RecordKind,
  records: Iterable<readonly [number, R]>,
  work: (record: R, index: number) => void,
): void {
  for (const [index, record] of records) {
    try {
      if (typeof record !== 'object' || record === null) throw new TypeError(`it is ${String(record)}, not an object`);
      for (const key in record) if (!fields.has(key)) throw new TypeError(unknownField(key, fields));
      work(record, index);
    } catch (error) {
      throw permanent(`${what} ${index} cannot be encoded: ${messageOf(error)}`, {
        code: 'INVALID_INPUT',
        cause: error,
      });
    }
  }
}

function unknownField(key: string, fields: ReadonlySet<string>): string {
  return `there is no field "${key}"; the fields are ${[...fields].join(', ')}`;
}
