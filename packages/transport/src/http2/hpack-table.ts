/** Printable ASCII without upper-case letters; a colon only begins pseudo-headers. */
const NAME = /^:?[\u0021-\u0039\u003b-\u0040\u005b-\u007e]+$/;

/** A header field. Its identity stands for it in the encoder, so that fields that are sent again and again are made once. */
export class HeaderField {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
  /** Whether it may stand in a message (RFC 9113, section 8.2.1). */
  readonly isValid: boolean;

  constructor(name: string, value: string) {
    this.name = name;
    this.value = value;
    this.isValid = isValidName(name) && isValidValue(value);
  }

  /** Size in tables and header lists (RFC 7541, section 4.1). */
  get size(): number {
    return this.name.length + this.value.length + FIELD_OVERHEAD_BYTES;
  }
}

const FIELD_OVERHEAD_BYTES = 32;

/** Size of a dynamic table before anybody has set another (RFC 9113, section 6.5.2). */
export const TABLE_BYTES_DEFAULT = 4096;

/** RFC 7541, appendix A. */
const STATIC_FIELDS: readonly (readonly [name: string, value?: string])[] = [
  [':authority'],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset'],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language'],
  ['accept-ranges'],
  ['accept'],
  ['access-control-allow-origin'],
  ['age'],
  ['allow'],
  ['authorization'],
  ['cache-control'],
  ['content-disposition'],
  ['content-encoding'],
  ['content-language'],
  ['content-length'],
  ['content-location'],
  ['content-range'],
  ['content-type'],
  ['cookie'],
  ['date'],
  ['etag'],
  ['expect'],
  ['expires'],
  ['from'],
  ['host'],
  ['if-match'],
  ['if-modified-since'],
  ['if-none-match'],
  ['if-range'],
  ['if-unmodified-since'],
  ['last-modified'],
  ['link'],
  ['location'],
  ['max-forwards'],
  ['proxy-authenticate'],
  ['proxy-authorization'],
  ['range'],
  ['referer'],
  ['refresh'],
  ['retry-after'],
  ['server'],
  ['set-cookie'],
  ['strict-transport-security'],
  ['transfer-encoding'],
  ['user-agent'],
  ['vary'],
  ['via'],
  ['www-authenticate'],
];

const STATIC_TABLE: readonly HeaderField[] = STATIC_FIELDS.map(([name, value = '']) => new HeaderField(name, value));
export const STATIC_LENGTH = STATIC_TABLE.length;

const BY_NAME = new Map<string, number>();
const BY_FIELD = new Map<string, number>();
STATIC_TABLE.forEach(({ name, value }, at) => {
  if (!BY_NAME.has(name)) BY_NAME.set(name, at + 1);
  if (value !== '') BY_FIELD.set(`${name}\n${value}`, at + 1);
});

/** Index of a whole field in the static table; 0 when it is not there. */
export function staticIndex(name: string, value: string): number {
  return BY_FIELD.get(`${name}\n${value}`) ?? 0;
}

/** First index of a name in the static table; 0 when it is not there. */
export function staticNameIndex(name: string): number {
  return BY_NAME.get(name) ?? 0;
}

/** The fields sent last, within a limit of bytes (RFC 7541, section 2.3.2). */
export class DynamicTable {
  /** Oldest first, from #first on; what lies before it has been evicted. */
  #fields: (HeaderField | undefined)[];
  #first: number;
  #bytes: number;
  #bytesMax: number;
  /** Fields ever inserted; a field's absolute number is this count before its insertion. */
  inserted: number;

  constructor(bytesMax: number) {
    this.#fields = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#bytesMax = bytesMax;
    this.inserted = 0;
  }

  get length(): number {
    return this.#fields.length - this.#first;
  }

  get bytesMax(): number {
    return this.#bytesMax;
  }

  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#evict(bytesMax);
  }

  /** Whether the field is in the table now; one larger than the table empties it (section 4.4). */
  insert(field: HeaderField): boolean {
    const { size } = field;
    this.#evict(this.#bytesMax - size);
    if (size > this.#bytesMax) return false;
    this.#fields.push(field);
    this.#bytes += size;
    this.inserted += 1;
    return true;
  }

  /** A field by its index over both tables, from 1 on; undefined where there is none. */
  at(index: number): HeaderField | undefined {
    if (index <= STATIC_LENGTH) return STATIC_TABLE[index - 1];
    const at = this.#fields.length - (index - STATIC_LENGTH);
    return at < this.#first ? undefined : this.#fields[at];
  }

  /** The index over both tables of the field with that absolute number; 0 when it has been evicted. */
  indexOf(number: number): number {
    const age = this.inserted - number;
    return age > this.length ? 0 : STATIC_LENGTH + age;
  }

  #evict(bytesMax: number): void {
    while (this.#bytes > bytesMax && this.#first < this.#fields.length) {
      const field = this.#fields[this.#first] as HeaderField;
      this.#fields[this.#first] = undefined;
      this.#first += 1;
      this.#bytes -= field.size;
    }
    if (this.#first > 64 && this.#first * 2 > this.#fields.length) {
      this.#fields = this.#fields.slice(this.#first);
      this.#first = 0;
    }
  }
}

function isValidName(name: string): boolean {
  return NAME.test(name);
}

function isValidValue(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code === 0 || code === 10 || code === 13) return false;
  }
  return !isSpace(value.charCodeAt(0)) && !isSpace(value.charCodeAt(value.length - 1));
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}
