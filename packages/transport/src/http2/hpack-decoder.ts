import { ConnectionError, ErrorCode } from './error-code.ts';
import { decodeHuffman, huffmanBytesMax } from './hpack-huffman.ts';
import { DynamicTable, HeaderField, TABLE_BYTES_DEFAULT } from './hpack-table.ts';

/** Largest number that a field may hold: far above any length or index, far below what loses precision. */
const INTEGER_MAX = 2 ** 28;

export interface HeaderList {
  readonly fields: readonly HeaderField[];
  /** Whether the list was larger than the limit; its fields are missing then. */
  readonly isTooLarge: boolean;
}

export interface DecoderLimits {
  /** Bytes of a whole list, as SETTINGS_MAX_HEADER_LIST_SIZE counts them. */
  readonly listBytesMax: number;
}

/**
 * Decodes header blocks (RFC 7541) of one connection, all of them in their order, as each may change the table. A list above the
 * limit is decoded to its end without being kept: few bytes that stand for many cost no memory.
 */
export class HpackDecoder {
  readonly #limits: DecoderLimits;
  readonly #table: DynamicTable;
  #scratch: Buffer;
  #bytes: Buffer;
  #at: number;
  #end: number;

  constructor(limits: DecoderLimits) {
    this.#limits = limits;
    this.#table = new DynamicTable(TABLE_BYTES_DEFAULT);
    this.#scratch = Buffer.allocUnsafe(1024);
    this.#bytes = this.#scratch;
    this.#at = 0;
    this.#end = 0;
  }

  /** Decodes a whole block. Throws a {@link ConnectionError} (COMPRESSION_ERROR). */
  decode(bytes: Buffer, start = 0, end = bytes.length): HeaderList {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    const fields: HeaderField[] = [];
    let listBytes = 0;
    let mayResize = true;
    while (this.#at < this.#end) {
      const first = bytes[this.#at];
      if ((first & 0xe0) === 0x20) {
        // Section 4.2: only at the beginning of a block.
        if (!mayResize) throw broken('a table size in the middle of a header block');
        this.#resize();
        continue;
      }
      mayResize = false;
      const field = this.#field(first);
      listBytes += field.size;
      if (listBytes <= this.#limits.listBytesMax) fields.push(field);
    }
    const isTooLarge = listBytes > this.#limits.listBytesMax;
    return { fields: isTooLarge ? [] : fields, isTooLarge };
  }

  #resize(): void {
    const bytesMax = this.#integer(5);
    // The table size that we announce is the default one.
    if (bytesMax > TABLE_BYTES_DEFAULT) throw broken(`a table of ${bytesMax} bytes is too large`);
    this.#table.resize(bytesMax);
  }

  #field(first: number): HeaderField {
    if (first >= 0x80) return this.#entry(this.#integer(7));
    const isIndexed = first >= 0x40;
    const nameIndex = this.#integer(isIndexed ? 6 : 4);
    const name = nameIndex === 0 ? this.#text() : this.#entry(nameIndex).name;
    const field = new HeaderField(name, this.#text());
    if (isIndexed) this.#table.insert(field);
    return field;
  }

  #entry(index: number): HeaderField {
    const field = index === 0 ? undefined : this.#table.at(index);
    if (field === undefined) throw broken(`there is no field ${index} in the table`);
    return field;
  }

  /** Section 5.1. */
  #integer(prefixBits: number): number {
    const prefixMax = 2 ** prefixBits - 1;
    let value = this.#byte() & prefixMax;
    if (value < prefixMax) return value;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (value > INTEGER_MAX || scale > INTEGER_MAX) throw broken('a number is too large');
      if (byte < 0x80) return value;
    }
  }

  #byte(): number {
    if (this.#at >= this.#end) throw broken('a header block ends within a field');
    this.#at += 1;
    return this.#bytes[this.#at - 1];
  }

  /** Section 5.2; the characters of the result are the bytes. */
  #text(): string {
    const isHuffman = this.#at < this.#end && this.#bytes[this.#at] >= 0x80;
    const length = this.#integer(7);
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw broken('a header block ends within a text');
    this.#at = end;
    if (!isHuffman) return this.#bytes.toString('latin1', start, end);
    const room = huffmanBytesMax(length);
    if (room > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(room);
    const decoded = decodeHuffman(this.#bytes, start, end, this.#scratch);
    if (decoded < 0) throw broken('a text is no Huffman text');
    return this.#scratch.toString('latin1', 0, decoded);
  }
}

function broken(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.COMPRESSION_ERROR, message);
}
