import { utf8 } from './wire.ts';

/** A text with its UTF-8, made once: an attribute's key, or a value that strings are compared with, in a hot loop. */
export class Key {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** @internal */
  readonly mark: number;

  constructor(text: string) {
    this.text = text;
    this.bytes = utf8(text);
    this.mark = markOf(this.bytes, 0, this.bytes.length);
  }
}

/** The mark of no key: that of a text without bytes ends in zeros. */
export const NO_KEY = 0x100;

/** A number that tells nearly all keys apart: of the length, and of bytes in which names of one family differ. */
export function markOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return 0;
  return (
    (length & 0xff) |
    (bytes[end - 1] << 8) |
    (bytes[start + (length >> 1)] << 16) |
    (bytes[start + (length >> 2)] << 24)
  );
}

const CACHED_KEYS_MAX = 2048;
const CACHED_LENGTH_MAX = 256;
const cache = new Map<string, Key>();

/** Encodes `text` for use as a key. Plain strings work wherever a Key does; a Key saves their look-up. */
export function key(text: string): Key {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const made = new Key(text);
  if (text.length > CACHED_LENGTH_MAX) return made;
  // Keys that are made from data could be without end; starting over is cheaper than keeping track of age.
  if (cache.size >= CACHED_KEYS_MAX) cache.clear();
  cache.set(text, made);
  return made;
}

export function toKey(text: string | Key): Key {
  return typeof text === 'string' ? key(text) : text;
}
