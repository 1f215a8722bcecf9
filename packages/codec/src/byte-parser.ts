import type { ByteReader } from './byte-reader.ts';

/**
 * A format parser as a coroutine, so that one text serves whole buffers and streams. It yields
 *
 * - a number n: "give me the next n bytes". It is resumed with them, or with fewer where the input ends (none: at its end).
 *   They are valid until the parser yields again.
 * - anything else: a result for the caller, which is valid for good.
 */
export type ByteParser<T extends object> = Generator<number | T, void, Uint8Array>;

/** Runs a parser over bytes that are all there, and yields its results. */
export function* parseWhole<T extends object>(parser: ByteParser<T>, bytes: Uint8Array): Generator<T, void, undefined> {
  let at = 0;
  let step = parser.next();
  while (step.done !== true) {
    if (typeof step.value === 'number') {
      const end = Math.min(at + step.value, bytes.byteLength);
      const taken = bytes.subarray(at, end);
      at = end;
      step = parser.next(taken);
    } else {
      yield step.value;
      step = parser.next(NOTHING);
    }
  }
}

/** Runs a parser over bytes as they arrive, and yields its results. */
export async function* parseStream<T extends object>(
  parser: ByteParser<T>,
  reader: ByteReader,
): AsyncGenerator<T, void, undefined> {
  let step = parser.next();
  while (step.done !== true) {
    if (typeof step.value === 'number') {
      await reader.fill(step.value);
      step = parser.next(reader.take(step.value));
    } else {
      yield step.value;
      step = parser.next(NOTHING);
    }
  }
}

const NOTHING = new Uint8Array(0);
