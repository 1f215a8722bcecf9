import { parseStream } from './byte-parser.ts';
import type { ByteReader } from './byte-reader.ts';
import { zstdEngine, type InflateEngine } from './inflate-engine.ts';
import { zstdError } from './zstd-decompress.ts';
import { zstdFrames } from './zstd-frames.ts';

/** Decompresses zstd frames as they arrive, block by block: an error has its block's offset, and all blocks before it are out. */
export async function* zstdStream(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  let engine: InflateEngine | undefined;
  try {
    for await (const piece of parseStream(zstdFrames(), reader)) {
      if (piece.kind === 'header') {
        engine?.close();
        engine = zstdEngine();
      }
      try {
        yield* engine!.feed(piece.bytes);
      } catch (error) {
        throw zstdError(error, { offset: piece.offset, maxBytes: WINDOW_BYTES_MAX });
      }
    }
  } finally {
    engine?.close();
  }
}

const WINDOW_BYTES_MAX = 2 ** 27;
