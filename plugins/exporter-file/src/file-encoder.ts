import type { Encoder, OpenBatch, Signal } from '@millrace/api';
import { compressBriefly, type CompressSettings } from '@millrace/codec';
import { requestsToJsonLines } from '@millrace/otlp';
import type { FileExporterConfig } from './config.ts';
import { messagesOf } from './length-prefix.ts';

export type FormSettings = Pick<FileExporterConfig, 'format' | 'compression' | 'compression_params'>;

/**
 * Makes of a batch what is appended to a file: its requests as JSON lines or as messages with their lengths, compressed to
 * a frame of its own. So a file that is cut between two batches is whole, for every tool.
 */
export class FileEncoder implements Encoder {
  readonly #format: FormSettings['format'];
  readonly #compression: CompressSettings | undefined;
  #scratch = new Uint8Array(0);

  constructor({ format, compression, compression_params: { level } }: FormSettings) {
    this.#format = format;
    this.#compression = compression === '' || compression === 'none' ? undefined : { codec: compression, level };
  }

  encode({ signal, chunks }: Pick<OpenBatch, 'signal' | 'chunks'>): Uint8Array {
    const plain = this.#format === 'proto' ? this.#messages(chunks) : this.#lines(signal, chunks);
    return this.#compression === undefined ? plain : compressBriefly(plain, this.#compression);
  }

  #lines(signal: Signal, requests: readonly Uint8Array[]): Uint8Array {
    return requestsToJsonLines(signal, requests, (byteLength) => this.#allocate(byteLength));
  }

  #messages(requests: readonly Uint8Array[]): Uint8Array {
    return messagesOf(requests, (byteLength) => this.#allocate(byteLength));
  }

  /** Plain content is written to the same memory each time: nobody keeps it beyond the call, and zeroing megabytes costs more than filling them. */
  #allocate(byteLength: number): Uint8Array {
    // Growing asks for more than there is while the smaller memory is still being read: it gets another.
    if (this.#scratch.length >= byteLength) return this.#scratch;
    const memory = new Uint8Array(byteLength);
    if (byteLength <= SCRATCH_BYTES_MAX) this.#scratch = memory;
    return memory;
  }
}

/** A single huge batch must not keep its memory for good. */
const SCRATCH_BYTES_MAX = 16 * 1024 * 1024;
