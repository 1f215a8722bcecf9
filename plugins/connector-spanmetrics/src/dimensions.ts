import { encodeAnyValue, type WireReader } from '@millrace/otlp';
import type { AttributeList } from './attribute-list.ts';
import type { DimensionConfig } from './config.ts';
import { globPattern } from './glob.ts';

/** A dimension that an attribute gives. */
export interface NamedDimension {
  readonly key: Uint8Array;
  /** Body of an AnyValue. */
  readonly byDefault: Uint8Array | undefined;
}

/** A list of dimensions of the configuration. */
export class Dimensions {
  readonly named: readonly NamedDimension[];
  readonly #globs: readonly RegExp[];

  constructor(...lists: readonly (readonly DimensionConfig[])[]) {
    const all = lists.flat();
    this.named = all.flatMap(({ name, default: value }) =>
      name === undefined
        ? []
        : [{ key: Buffer.from(name), byDefault: value === undefined ? undefined : encodeAnyValue(value) }],
    );
    this.#globs = all.flatMap(({ glob }) => (glob === undefined ? [] : [globPattern(glob)]));
  }

  get hasGlobs(): boolean {
    return this.#globs.length > 0;
  }

  get size(): number {
    return this.named.length + this.#globs.length;
  }

  matches(key: string): boolean {
    return this.#globs.some((pattern) => pattern.test(key));
  }
}

/** Attributes of several messages of one chunk or several, in the order in which they are searched. */
export interface Source {
  readonly bytes: Uint8Array;
  readonly list: AttributeList;
}

/** Index of the first attribute with this key; -1 without one. Only keys of equal length are compared. */
export function findKey({ bytes, list }: Source, key: Uint8Array): number {
  const { places, count } = list;
  const length = key.length;
  for (let index = 0; index < count; index++) {
    const start = places[index * 4];
    if (places[index * 4 + 1] - start !== length) continue;
    let at = 0;
    while (at < length && bytes[start + at] === key[at]) at++;
    if (at === length) return index;
  }
  return -1;
}

/** Indexes of the attributes whose keys the globs match, by key. */
export function globbedIn({ bytes, list }: Source, dimensions: Dimensions): ReadonlyMap<string, number> {
  const found: [string, number][] = [];
  for (let index = 0; index < list.count; index++) {
    const key = utf8(bytes, list.places[index * 4], list.places[index * 4 + 1]);
    if (dimensions.matches(key)) found.push([key, index]);
  }
  return new Map(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Bytes as a string of the same length, for maps. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return slices.latin1Slice.call(bytes, start, end);
}

export function utf8(bytes: Uint8Array, start: number, end: number): string {
  return slices.utf8Slice.call(bytes, start, end);
}

/** Buffer's native methods take views of shared memory, which TextDecoder refuses. */
const slices = Buffer.prototype as unknown as {
  readonly latin1Slice: (this: Uint8Array, start: number, end: number) => string;
  readonly utf8Slice: (this: Uint8Array, start: number, end: number) => string;
};

/** Reads the attributes with this tag of the message at `[reader.pos, end)`. */
export function readAttributes(
  reader: WireReader,
  end: number,
  { tag, into }: { tag: number; into: AttributeList },
): void {
  into.clear();
  while (reader.pos < end) {
    const found = reader.tag();
    if (found !== tag) {
      reader.skip(found);
      continue;
    }
    const fieldEnd = reader.lengthEnd();
    into.add(reader, fieldEnd);
    reader.pos = fieldEnd;
  }
}
