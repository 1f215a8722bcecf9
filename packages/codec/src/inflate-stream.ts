import { constants, inflateRawSync, inflateSync } from 'node:zlib';
import type { ByteReader } from './byte-reader.ts';
import { truncated } from './codec-error.ts';
import { inflateEngine } from './inflate-engine.ts';
import { inflateError, type DeflateWrapping } from './inflate.ts';
import { concatBytes } from './owned-bytes.ts';

/**
 * Inflates the deflate stream that begins at the reader's position and leaves the reader right behind it. Everything that
 * can be decoded before the end of the input, or before damage, is yielded before the error is thrown.
 */
export async function* inflateStream(
  reader: ByteReader,
  { format, wrapping }: { format: string; wrapping: DeflateWrapping },
): AsyncGenerator<Uint8Array, void, undefined> {
  const engine = inflateEngine(wrapping);
  const start = reader.offset;
  const fed = new FedBytes();
  let yieldedBytes = 0;
  try {
    while (true) {
      const isAtEnd = !(await reader.fill(1));
      // Whether the data ended with the input shows only when one byte more is offered, and refused.
      const slice = isAtEnd ? PROBE : reader.peekRun(FEED_BYTES);
      const takenBefore = engine.takenBytes;
      try {
        for await (const output of engine.feed(slice)) {
          // What an incomplete stream makes of the probe is not content.
          if (isAtEnd) continue;
          yieldedBytes += output.byteLength;
          yield output;
        }
      } catch (error) {
        if (isAtEnd) throw truncated(format, 'compressed data', reader.offset);
        const rescued = fed.rescue(slice, { wrapping, skipOutputBytes: yieldedBytes });
        if (rescued !== undefined && rescued.output.byteLength > 0) yield rescued.output;
        throw inflateError(format, error, rescued === undefined ? reader.offset : start + rescued.inputBytes);
      }
      const taken = engine.takenBytes - takenBefore;
      if (isAtEnd && taken > 0) throw truncated(format, 'compressed data', reader.offset);
      if (!isAtEnd) reader.skip(taken);
      if (taken < slice.byteLength) return;
      fed.push(slice);
    }
  } finally {
    engine.close();
  }
}

/**
 * The compressed bytes since the start of the stream, as long as they are few. zlib's error does not say where, and swallows
 * the output of the call that failed; with these bytes the end of what can be decoded is found by trying.
 */
class FedBytes {
  #slices: Uint8Array[] = [];
  #length = 0;

  push(slice: Uint8Array): void {
    this.#length += slice.byteLength;
    if (this.#length <= RESCUE_INPUT_BYTES_MAX) this.#slices.push(slice);
    else this.#slices = [];
  }

  /** Finds the first byte of `failed` that does not decode, and the output before it; undefined if too much has gone by. */
  rescue(
    failed: Uint8Array,
    { wrapping, skipOutputBytes }: { wrapping: DeflateWrapping; skipOutputBytes: number },
  ): { inputBytes: number; output: Uint8Array } | undefined {
    if (this.#length > RESCUE_INPUT_BYTES_MAX) return undefined;
    const whole = concatBytes([...this.#slices, failed]);
    let good = this.#length;
    let bad = whole.byteLength;
    let output = inflatePrefix(whole.subarray(0, good), wrapping);
    if (output === undefined) return undefined;
    while (bad - good > 1) {
      const middle = (good + bad) >>> 1;
      const attempt = inflatePrefix(whole.subarray(0, middle), wrapping);
      if (attempt === undefined) bad = middle;
      else {
        good = middle;
        output = attempt;
      }
    }
    return { inputBytes: good, output: output.subarray(skipOutputBytes) };
  }
}

/** What a prefix of a deflate stream decodes to; undefined if it does not, or to more than is worth trying. */
function inflatePrefix(prefix: Uint8Array, wrapping: DeflateWrapping): Uint8Array | undefined {
  if (prefix.byteLength === 0) return new Uint8Array(0);
  const inflatePart = wrapping === 'zlib' ? inflateSync : inflateRawSync;
  try {
    return inflatePart(prefix, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: RESCUE_OUTPUT_BYTES_MAX,
      chunkSize: FEED_BYTES,
    });
  } catch {
    return undefined;
  }
}

const FEED_BYTES = 65536;
const PROBE = Uint8Array.of(0);
/** Damage further into one deflate stream than this is located to 64 KiB only. The file exporter's members are smaller. */
const RESCUE_INPUT_BYTES_MAX = 8 * 1024 * 1024;
const RESCUE_OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
