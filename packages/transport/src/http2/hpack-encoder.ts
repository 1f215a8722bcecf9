import { encodeHuffman, huffmanLength } from './hpack-huffman.ts';
import { DynamicTable, TABLE_BYTES_DEFAULT, staticIndex, staticNameIndex } from './hpack-table.ts';
import type { HeaderField } from './hpack-table.ts';

/** First bits of the forms of a field (RFC 7541, section 6). */
const INDEXED = 0x80;
const LITERAL_INDEXED = 0x40;
const LITERAL = 0x00;
const LITERAL_SECRET = 0x10;
const TABLE_SIZE = 0x20;
const HUFFMAN = 0x80;

/**
 * Encodes header blocks of one connection, which must be sent in the order in which they are made. Fields that were
 * {@link add}ed before take one or two bytes; they are known by their identity.
 */
export class HpackEncoder {
  readonly #table: DynamicTable;
  /** Absolute numbers of fields in the dynamic table. */
  readonly #numbers: Map<HeaderField, number>;
  readonly #block: number[];
  /** Table sizes to announce first: the smallest since the last block, and the present one. */
  #smallestBytes: number;
  #hasNewSize: boolean;

  constructor() {
    this.#table = new DynamicTable(TABLE_BYTES_DEFAULT);
    this.#numbers = new Map();
    this.#block = [];
    this.#smallestBytes = TABLE_BYTES_DEFAULT;
    this.#hasNewSize = false;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE; more than the default is not used. */
  limitTable(bytesMax: number): void {
    const bytes = Math.min(bytesMax, TABLE_BYTES_DEFAULT);
    if (bytes === this.#table.bytesMax) return;
    this.#smallestBytes = Math.min(this.#hasNewSize ? this.#smallestBytes : this.#table.bytesMax, bytes);
    this.#hasNewSize = true;
    this.#table.resize(bytes);
  }

  /** Adds a field that will come again. */
  add(field: HeaderField): void {
    const number = this.#numbers.get(field);
    const index = number === undefined ? 0 : this.#table.indexOf(number);
    if (index > 0) {
      pushInteger(this.#block, INDEXED, 7, index);
      return;
    }
    const known = staticIndex(field.name, field.value);
    if (known > 0) {
      pushInteger(this.#block, INDEXED, 7, known);
      return;
    }
    pushLiteral(this.#block, LITERAL_INDEXED, field.name, field.value);
    if (this.#table.insert(field)) this.#remember(field);
  }

  /** Adds a field that is not worth a place in the table. */
  addOnce(name: string, value: string): void {
    pushLiteral(this.#block, LITERAL, name, value);
  }

  /** Adds a field that nobody on the way may keep in a table (section 7.1.3). */
  addSecret(name: string, value: string): void {
    pushLiteral(this.#block, LITERAL_SECRET, name, value);
  }

  /** The block with what was added since the last one. */
  take(): Uint8Array {
    const sizes: number[] = [];
    if (this.#hasNewSize) {
      const { bytesMax } = this.#table;
      if (this.#smallestBytes < bytesMax) pushInteger(sizes, TABLE_SIZE, 5, this.#smallestBytes);
      pushInteger(sizes, TABLE_SIZE, 5, bytesMax);
      this.#hasNewSize = false;
    }
    const block = Uint8Array.from(sizes.length === 0 ? this.#block : [...sizes, ...this.#block]);
    this.#block.length = 0;
    return block;
  }

  #remember(field: HeaderField): void {
    this.#numbers.set(field, this.#table.inserted - 1);
    // What was evicted is forgotten now and then.
    if (this.#numbers.size <= 2 * this.#table.length + 16) return;
    for (const [each, number] of this.#numbers) if (this.#table.indexOf(number) === 0) this.#numbers.delete(each);
  }
}

/** A block that uses no dynamic table, and so may be made once and sent on any connection. */
export function encodeStateless(fields: readonly (readonly [name: string, value: string])[]): Uint8Array {
  const block: number[] = [];
  for (const [name, value] of fields) {
    const index = staticIndex(name, value);
    if (index > 0) pushInteger(block, INDEXED, 7, index);
    else pushLiteral(block, LITERAL, name, value);
  }
  return Uint8Array.from(block);
}

function pushLiteral(block: number[], form: number, name: string, value: string): void {
  const index = staticNameIndex(name);
  pushInteger(block, form, form === LITERAL_INDEXED ? 6 : 4, index);
  if (index === 0) pushText(block, name);
  pushText(block, value);
}

function pushText(block: number[], text: string): void {
  const encoded = huffmanLength(text);
  if (encoded < text.length) {
    pushInteger(block, HUFFMAN, 7, encoded);
    for (const byte of encodeHuffman(text)) block.push(byte);
    return;
  }
  pushInteger(block, 0, 7, text.length);
  for (let at = 0; at < text.length; at += 1) block.push(text.charCodeAt(at) & 0xff);
}

/** RFC 7541, section 5.1. */
function pushInteger(block: number[], form: number, prefixBits: number, value: number): void {
  const prefixMax = 2 ** prefixBits - 1;
  if (value < prefixMax) {
    block.push(form | value);
    return;
  }
  block.push(form | prefixMax);
  let rest = value - prefixMax;
  for (; rest >= 128; rest = Math.floor(rest / 128)) block.push((rest % 128) + 128);
  block.push(rest);
}
