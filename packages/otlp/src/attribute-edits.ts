import { ByteWriter, type Allocate } from './byte-writer.ts';
import { ITEM_PATHS } from './count.ts';
import { toKey, type Key } from './key.ts';
import type { Signal } from './signal.ts';
import { Splicer } from './splicer.ts';
import { endOfShort, equalBytes, LEN, lengthAt, malformed, skipField, tagAt, varintEnd } from './wire.ts';

/**
 * What happens to one attribute. `value` is an AnyValue's wire bytes. `from` names the attribute whose value is taken, as it was
 * before all edits; where there is none, `value` is taken if given.
 */
export type AttributeEdit =
  | { readonly do: 'delete'; readonly key: string | Key }
  | { readonly do: 'insert' | 'update' | 'upsert'; readonly key: string | Key; readonly value: Uint8Array }
  | { readonly do: 'insert'; readonly key: string | Key; readonly from: string | Key; readonly value?: Uint8Array };

/** Most keys at a time that edits name, those that values are taken from included: a bit for each. */
export const ATTRIBUTE_EDITS_MAX = 31;

/**
 * Edits that every item of a batch gets alike, made in one pass over the wire: half of the cost of the same through views, which
 * note where everything is before anything is looked for (benchmarks/micro/attributes). The result is the same, byte for byte.
 */
export class AttributeEdits {
  /** @internal How many edits there are. */
  readonly count: number;
  /** @internal By edit, and behind them the keys that values are taken from. */
  readonly keys: readonly Uint8Array[];
  /** @internal By length of key up to 127: a bit for each key that is that long. */
  readonly byKeyLength = new Int32Array(SHORT);
  /** @internal Edits that do something where the attribute is not there, is there. */
  readonly appends: number;
  readonly replaces: number;
  readonly removes: number;
  /** @internal Keys that values are taken from. */
  readonly sources: number;
  /** @internal By edit: the place of the key that the value is taken from, or -1. */
  readonly from: readonly number[];
  /** @internal By edit: the KeyValue that is written, of those with `from` where that does not exist. */
  readonly elements: readonly (Uint8Array | null)[];

  /** Each key is edited at most once, so that the order does not matter. @throws RangeError */
  constructor(edits: readonly AttributeEdit[]) {
    const edited = edits.map((edit) => toKey(edit.key).text);
    const sources = edits.map((edit) => ('from' in edit ? toKey(edit.from).text : undefined));
    const texts = [...new Set([...edited, ...sources.filter((text) => text !== undefined)])];
    if (texts.length > ATTRIBUTE_EDITS_MAX || new Set(edited).size < edited.length) {
      throw new RangeError(`cannot edit more than ${ATTRIBUTE_EDITS_MAX} attributes at a time, or one twice`);
    }
    const bitsOf = (...names: AttributeEdit['do'][]) =>
      edits.reduce((bits, edit, index) => (names.includes(edit.do) ? bits | (1 << index) : bits), 0);
    this.count = edits.length;
    this.keys = texts.map((text) => toKey(text).bytes);
    this.appends = bitsOf('insert', 'upsert');
    this.replaces = bitsOf('update', 'upsert');
    this.removes = bitsOf('delete');
    this.from = sources.map((text) => (text === undefined ? -1 : texts.indexOf(text)));
    this.sources = this.from.reduce((bits, place) => (place < 0 ? bits : bits | (1 << place)), 0);
    this.elements = edits.map((edit, index) => elementOf(this.keys[index], edit));
    for (const [place, { length }] of this.keys.entries()) if (length < SHORT) this.byKeyLength[length] |= 1 << place;
  }
}

/** Lengths below this take one byte. */
const SHORT = 0x80;

function elementOf(key: Uint8Array, edit: AttributeEdit): Uint8Array | null {
  if (edit.do === 'delete' || edit.value === undefined) return null;
  const out = new ByteWriter();
  out.bytesField(1, key);
  out.bytesField(2, edit.value);
  return out.take();
}

/** By signal, or for metrics by the field of the metric's data: the field of an item that holds its attributes. */
const ATTRIBUTES_OF = { logs: 6, traces: 9, metrics: 0, profiles: 0 } as const;
const ATTRIBUTES_OF_DATA: readonly number[] = [0, 0, 0, 0, 0, 7, 0, 7, 0, 9, 1, 7];
/** The level of {@link ITEM_PATHS} at which a metric's data lie. */
const DATA_LEVEL = 3;

/** Makes edits in one export request after the other. */
export class AttributeEditor {
  readonly #edits: AttributeEdits;
  readonly #path: readonly number[];
  readonly #isMetrics: boolean;
  readonly #splicer: Splicer;
  #attributes: number;

  constructor(signal: Exclude<Signal, 'profiles'>, edits: AttributeEdits, allocate: Allocate) {
    this.#edits = edits;
    this.#path = ITEM_PATHS[signal];
    this.#isMetrics = signal === 'metrics';
    this.#attributes = ATTRIBUTES_OF[signal];
    this.#splicer = new Splicer(EMPTY, 0, new ByteWriter(allocate));
  }

  /** The edited request, or the same one if there is nothing to edit. Throws WireError where it is malformed. */
  edit(request: Uint8Array): Uint8Array {
    const splicer = this.#splicer;
    splicer.source = request;
    splicer.copied = 0;
    splicer.out.capacityMin = request.length + (request.length >>> 3) + 256;
    this.#level(request, 0, request.length, 0);
    splicer.source = EMPTY;
    if (splicer.copied === 0 && splicer.out.length === 0) return request;
    splicer.source = request;
    splicer.flush(request.length);
    splicer.source = EMPTY;
    return splicer.out.take();
  }

  /** The fields of a message that leads to items. */
  #level(source: Uint8Array, start: number, end: number, level: number): void {
    const splicer = this.#splicer;
    const mask = this.#path[level];
    const isLast = level === this.#path.length - 1;
    let pos = start;
    while (pos < end) {
      let tag = source[pos];
      if (tag < 0x80 && tag >= 8) {
        pos++;
      } else {
        tag = tagAt(source, pos, end);
        pos = varintEnd(source, pos, end);
      }
      if ((tag & 7) !== LEN) {
        pos = skipField(source, pos, end, tag);
        continue;
      }
      const payload = pos;
      const length = lengthAt(source, pos, end);
      pos = varintEnd(source, pos, end);
      const next = pos + length;
      const field = tag >>> 3;
      if (field < 32 && ((mask >>> field) & 1) === 1) {
        const outStart = splicer.outputOf(pos);
        if (this.#isMetrics && level === DATA_LEVEL) this.#attributes = ATTRIBUTES_OF_DATA[field];
        if (isLast) editItem(this.#edits, splicer, source, pos, next, (this.#attributes << 3) | LEN);
        else this.#level(source, pos, next, level + 1);
        const outEnd = splicer.outputOf(next);
        // A changed length means that something past the prefix was written; where nothing was, there is nothing to correct.
        if (outEnd - outStart !== length) splicer.fixLength(outStart, outEnd, pos - payload);
      }
      pos = next;
    }
  }
}

const EMPTY = new Uint8Array(0);

/** Where the value of the attribute lies that was looked at last. */
let valueStart = 0;
let valueEnd = 0;

/** By key: where in the source the value lies that edits take from it. */
const found = new Int32Array(2 * (ATTRIBUTE_EDITS_MAX + 1));

/** The hot loop: benchmarks/micro/attributes. */
function editItem(
  edits: AttributeEdits,
  splicer: Splicer,
  source: Uint8Array,
  start: number,
  end: number,
  attributesTag: number,
): void {
  const byKeyLength = edits.byKeyLength;
  let seen = 0;
  let pos = start;
  while (pos < end) {
    const fieldStart = pos;
    let tag = source[pos];
    if (tag < 0x80 && tag >= 8) {
      pos++;
    } else {
      tag = tagAt(source, pos, end);
      pos = varintEnd(source, pos, end);
    }
    if ((tag & 7) !== LEN) {
      pos = skipField(source, pos, end, tag);
      continue;
    }
    const payload = pos;
    let length = pos < end ? source[pos] : 0x80;
    if (length < 0x80) {
      pos++;
      if (length > end - pos) malformed(`length ${length} exceeds the ${end - pos} bytes left`, payload);
    } else {
      length = lengthAt(source, pos, end);
      pos = varintEnd(source, pos, end);
    }
    const next = pos + length;
    if (tag === attributesTag) {
      let edit = -1;
      // The order and lengths that every encoder writes; other forms, and those with a second key inside, go the long way.
      const keyLength = length >= 4 && source[pos] === 0x0a ? source[pos + 1] : 0x80;
      const keyEnd = pos + 2 + keyLength;
      if (
        keyLength < 0x80 &&
        keyEnd + 2 <= next &&
        source[keyEnd] === 0x12 &&
        endOfShort(source, keyEnd + 1) === next
      ) {
        const candidates = byKeyLength[keyLength];
        if (candidates !== 0) {
          edit = editOf(edits, candidates, source, pos + 2, keyEnd);
          valueStart = keyEnd + (source[keyEnd + 1] < 0x80 ? 2 : 3);
          valueEnd = next;
        }
      } else {
        edit = editOfUnusual(edits, source, pos, next);
      }
      if (edit >= 0) {
        const bit = 1 << edit;
        if ((edits.sources & ~seen & bit) !== 0) {
          found[2 * edit] = valueStart;
          found[2 * edit + 1] = valueEnd;
        }
        if ((edits.removes & bit) !== 0) {
          splicer.skip(fieldStart, next);
        } else if ((edits.replaces & bit) !== 0) {
          splicer.skip(fieldStart, next);
          // Of several, the first is replaced and the others go.
          if ((seen & bit) === 0) splicer.out.bytesField(attributesTag >>> 3, edits.elements[edit]!);
        }
        seen |= bit;
      }
    }
    pos = next;
  }
  const missing = edits.appends & ~seen;
  for (let left = missing; left !== 0; left &= left - 1) {
    const edit = 31 - Math.clz32(left & -left);
    const from = edits.from[edit];
    const element = edits.elements[edit];
    if (from >= 0 && (seen & (1 << from)) !== 0) {
      splicer.flush(end);
      const mark = splicer.out.openField(attributesTag >>> 3);
      splicer.out.bytesField(1, edits.keys[edit]);
      splicer.out.bytesField(2, source, found[2 * from], found[2 * from + 1]);
      splicer.out.close(mark);
    } else if (element !== null) {
      splicer.flush(end);
      splicer.out.bytesField(attributesTag >>> 3, element);
    }
  }
}

/** Which of the candidates' keys it is; -1 for none. */
function editOf(edits: AttributeEdits, candidates: number, source: Uint8Array, start: number, end: number): number {
  for (let left = candidates; left !== 0; left &= left - 1) {
    const edit = 31 - Math.clz32(left & -left);
    if (equalBytes(source, start, end, edits.keys[edit])) return edit;
  }
  return -1;
}

/** The same for a KeyValue of any form: of several keys or values, the last counts. */
function editOfUnusual(edits: AttributeEdits, source: Uint8Array, start: number, end: number): number {
  let keyStart = end;
  let keyEnd = end;
  valueStart = valueEnd = end;
  let pos = start;
  while (pos < end) {
    const tag = tagAt(source, pos, end);
    const payload = varintEnd(source, pos, end);
    pos = skipField(source, payload, end, tag);
    if (tag === 10) {
      keyStart = varintEnd(source, payload, end);
      keyEnd = pos;
    } else if (tag === 18) {
      valueStart = varintEnd(source, payload, end);
      valueEnd = pos;
    }
  }
  return editOf(edits, (1 << edits.keys.length) - 1, source, keyStart, keyEnd);
}
