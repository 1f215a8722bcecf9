import type { Transform } from 'node:stream';
import { createInflate, createInflateRaw, createZstdDecompress, constants } from 'node:zlib';
import type { DeflateWrapping } from './inflate.ts';

/** One of Node's decompressors, fed piece by piece. */
export interface InflateEngine {
  /**
   * Feeds `bytes` and yields what comes out of exactly these; the next call begins when this one is exhausted. `bytes` must
   * not change meanwhile. Throws the native error; what came out before was yielded, but for the last unfilled 64 KiB.
   */
  feed(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined>;
  /** How many bytes it has taken up so far: fewer than were fed once the compressed data has ended. */
  readonly takenBytes: number;
  close(): void;
}

/** A decompressor for one deflate stream. */
export function inflateEngine(wrapping: DeflateWrapping): InflateEngine {
  const options = { chunkSize: ENGINE_CHUNK_BYTES, readableHighWaterMark: 1, flush: constants.Z_SYNC_FLUSH };
  return new StreamEngine(wrapping === 'zlib' ? createInflate(options) : createInflateRaw(options));
}

/** A decompressor for one zstd frame. Windows up to libzstd's own limit of 128 MiB. */
export function zstdEngine(): InflateEngine {
  // The types know of no stream options for zstd; the function takes them as zlib's do.
  const options = { chunkSize: ENGINE_CHUNK_BYTES, readableHighWaterMark: 1 };
  return new StreamEngine(createZstdDecompress(options));
}

type NativeStream = Transform & { bytesWritten: number; close(): void };

/**
 * The high-water mark of 1 makes the stream wait for each piece of output to be read before it decompresses on: so memory
 * is bounded, and an error cannot overtake (and destroy) output that was already there.
 */
class StreamEngine implements InflateEngine {
  readonly #stream: NativeStream;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(stream: NativeStream) {
    this.#stream = stream;
    stream.on('readable', () => this.#wake());
    stream.on('error', (error) => this.#fail(error));
  }

  get takenBytes(): number {
    return this.#stream.bytesWritten;
  }

  async *feed(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    if (bytes.byteLength === 0) return;
    let isDone = false;
    this.#stream.write(bytes, (error) => {
      isDone = true;
      if (error) this.#fail(error);
      else this.#wake();
    });
    while (true) {
      const output = this.#stream.read() as Uint8Array | null;
      if (output !== null) {
        yield output;
        continue;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (isDone) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#stream.destroy();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }
}

const ENGINE_CHUNK_BYTES = 65536;
