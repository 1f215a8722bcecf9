/** Why a block did not decode: it ends in the middle, it refers to before the start, or `outputEnd` was reached. */
export const LZ4_BLOCK_CORRUPT = -1;
export const LZ4_BLOCK_TOO_LONG = -2;

/** Where a block lies and where its content goes. */
export interface Lz4BlockTask {
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  /** Where the content begins in `output`. */
  readonly outputStart: number;
  /** The content must end here or before. */
  readonly outputEnd: number;
  /** The oldest byte of `output` that matches may refer to: history for linked blocks, `outputStart` for independent ones. */
  readonly historyStart: number;
}

/**
 * Decodes one LZ4 block (LZ4 block format specification) and returns where the content ends in the output, or one of the
 * two negative numbers above. Never reads or writes outside of the bounds given, whatever the input.
 *
 * In TypeScript because the native addon knows neither linked blocks nor a reason for its failure, and its results, of
 * external memory, pile up until the event loop turns. 0.7 GB/s; see benchmarks/micro/codec.
 */
export function decodeLz4Block(task: Lz4BlockTask): number {
  const { input, output, outputEnd, historyStart } = task;
  const inputEnd = input.byteLength;
  let from = 0;
  let to = task.outputStart;
  while (from < inputEnd) {
    const token = input[from++];

    let literals = token >>> 4;
    if (literals === 15) {
      let more;
      do {
        if (from >= inputEnd) return LZ4_BLOCK_CORRUPT;
        more = input[from++];
        literals += more;
      } while (more === 255);
    }
    if (literals > inputEnd - from) return LZ4_BLOCK_CORRUPT;
    if (literals > outputEnd - to) return LZ4_BLOCK_TOO_LONG;
    // Short runs are most runs, and a call costs more than they do.
    if (literals <= 16) for (let at = 0; at < literals; at++) output[to + at] = input[from + at];
    else output.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    // The last sequence has no match; a block that ends elsewhere is damaged.
    if (from === inputEnd) return to;

    if (inputEnd - from < 2) return LZ4_BLOCK_CORRUPT;
    const distance = input[from] | (input[from + 1] << 8);
    from += 2;
    let length = (token & 15) + MATCH_BYTES_MIN;
    if ((token & 15) === 15) {
      let more;
      do {
        if (from >= inputEnd) return LZ4_BLOCK_CORRUPT;
        more = input[from++];
        length += more;
      } while (more === 255);
    }
    if (distance === 0 || distance > to - historyStart) return LZ4_BLOCK_CORRUPT;
    if (length > outputEnd - to) return LZ4_BLOCK_TOO_LONG;
    to = copyMatch(output, to, distance, length);
  }
  return LZ4_BLOCK_CORRUPT;
}

function copyMatch(output: Uint8Array, to: number, distance: number, length: number): number {
  const end = to + length;
  if (length < 48) {
    let from = to - distance;
    while (to < end) output[to++] = output[from++];
    return end;
  }
  // A match may overlap itself: it then repeats its first `distance` bytes. What is written doubles with every copy.
  const start = to - distance;
  while (to < end) {
    const step = Math.min(to - start, end - to);
    output.copyWithin(to, start, start + step);
    to += step;
  }
  return end;
}

const MATCH_BYTES_MIN = 4;
