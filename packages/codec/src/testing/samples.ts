import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { CONCATENABLE_CODECS, type ConcatenableCodec } from '../compression-codec.ts';
import type { StreamingCodec } from '../decompress-stream.ts';

/** Log lines, `bytes` long: compressible as real ones are, and the same every time. */
export function logLines(bytes: number): Uint8Array {
  let text = '';
  for (let line = 0; text.length < bytes; line++) {
    const path = `/cart/${(line * 7919) % 1000}`;
    text += `{"time":${1_700_000_000_000 + line * 37},"severity":"INFO","body":"GET ${path} ${(line * 31) % 500} ms","user":${(line * 104_729) % 99_991}}\n`;
  }
  return new TextEncoder().encode(text).slice(0, bytes);
}

/** Bytes that do not compress, the same every time. */
export function noise(bytes: number, seed = 'noise'): Uint8Array {
  return createHash('shake256', { outputLength: bytes }).update(seed).digest();
}

/** Content of all kinds: empty, random, repetitive, mixed. */
export const content: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.nat(200_000).map((length) => logLines(length)),
  fc.nat(100_000).map((length) => noise(length)),
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(5000)).map(([unit, times]) => repeated(unit, times)),
);

/** `bytes` cut into pieces of all sizes, with empty ones among them; each in memory of its own. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let piece = 0; at < bytes.byteLength; piece++) {
    const size = sizes[piece % sizes.length];
    pieces.push(Uint8Array.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return pieces;
}

/** Sizes to {@link cut} by. At least one of them is not 0. */
export const cutSizes: fc.Arbitrary<number[]> = fc
  .array(fc.oneof(fc.nat(3), fc.nat(300), fc.nat(100_000)), { maxLength: 6 })
  .map((sizes) => [...sizes, 4099]);

/** Codecs whose damage is detected by checksums, framed. */
export const CHECKED_CODECS = CONCATENABLE_CODECS.filter(
  (codec): codec is Exclude<ConcatenableCodec, 'none'> => codec !== 'none',
);

export const STREAMING_CODECS: readonly StreamingCodec[] = [...CONCATENABLE_CODECS, 'zlib', 'deflate'];

/** Everything that a stream yields, and the error that ends it. */
export async function drain(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ bytes: Buffer; error: unknown }> {
  const pieces: Buffer[] = [];
  try {
    // Copied at once: so a piece that is overwritten later shows.
    for await (const piece of stream) pieces.push(Buffer.from(piece));
  } catch (error) {
    return { bytes: Buffer.concat(pieces), error };
  }
  return { bytes: Buffer.concat(pieces), error: undefined };
}

/** What `act` throws; undefined if it does not. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** `bytes` with one bit turned over. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >>> 3] ^= 1 << (bit & 7);
  return flipped;
}

function repeated(unit: Uint8Array, times: number): Uint8Array {
  const whole = new Uint8Array(unit.byteLength * times);
  for (let at = 0; at < whole.byteLength; at += unit.byteLength) whole.set(unit, at);
  return whole;
}
