import type { Encoder, OpenBatch } from '@millrace/api';
import { compress, type CompressSettings } from '@millrace/codec';
import { requestsToJsonLines } from '@millrace/otlp';
import type { FileExporterConfig } from './config.ts';
import { messagesOf } from './length-prefix.ts';

type Settings = Pick<FileExporterConfig, 'format' | 'compression' | 'compression_params'>;

/**
 * Makes of a batch what is appended to a file: its requests as JSON lines or as messages with their lengths, compressed to
 * a frame of its own, so that what the file is cut to, at a batch, always decompresses.
 */
export class FileEncoder implements Encoder {
  readonly #format: Settings['format'];
  readonly #compression: CompressSettings | undefined;
  #scratch = new Uint8Array(0);

  constructor({ format, compression, compression_params: { level } }: Settings) {
    this.#format = format;
    this.#compression = compression === '' || compression === 'none' ? undefined : { codec: compression, level };
  }

  encode(batch: OpenBatch): Uint8Array {
    const { chunks, signal } = batch;
    const plain = this.#format === 'proto' ? messagesOf(chunks) : requestsToJsonLines(signal, chunks, this.#allocate);
    return this.#compression === undefined ? plain : compress(plain, this.#compression);
  }

  /** JSON is written to the same memory each time: nobody keeps it beyond the call, and zeroing megabytes costs more than filling them. */
  readonly #allocate = (byteLength: number): Uint8Array => {
    // Growing asks again while the smaller memory is still being read.
    if (this.#scratch.length < byteLength || byteLength > SCRATCH_BYTES_MAX) {
      const memory = new Uint8Array(byteLength);
      if (byteLength <= SCRATCH_BYTES_MAX) this.#scratch = memory;
      return memory;
    }
    return this.#scratch;
  };
}

/** A single huge batch must not keep its memory for good. */
const SCRATCH_BYTES_MAX = 16 * 1024 * 1024;
