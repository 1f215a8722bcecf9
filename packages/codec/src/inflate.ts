import { inflateRawSync, inflateSync, type InputType, type ZlibOptions } from 'node:zlib';
import { CodecError, corrupt, tooLarge, truncated } from './codec-error.ts';
import { OUTPUT_CHUNK_BYTES } from './decompress-limits.ts';

/** What wraps the deflate data: nothing (RFC 1951), or a zlib header and checksum (RFC 1950). */
export type DeflateWrapping = 'raw' | 'zlib';

/** Which part of the input to inflate, and within which limits. `format` and `offset` are for errors. */
export interface InflateTask {
  readonly format: string;
  readonly wrapping: DeflateWrapping;
  /** Where `bytes` lies in the whole input. */
  readonly offset: number;
  /** Most bytes that may come out now. */
  readonly remaining: number;
  /** The caller's limit, for the message. */
  readonly maxBytes: number;
}

/** Inflates the one deflate stream that `bytes` begin with; says how many of them it took up. */
export function inflate(bytes: Uint8Array, task: InflateTask): { output: Uint8Array; inputBytes: number } {
  const { format, offset, remaining, maxBytes } = task;
  try {
    const { buffer, engine } = inflateEngine(task.wrapping)(bytes, {
      // Node takes no limit of 0: the test below covers it.
      maxOutputLength: Math.max(1, remaining),
      chunkSize: OUTPUT_CHUNK_BYTES,
      info: true,
    });
    if (buffer.byteLength > remaining) throw tooLarge(format, maxBytes, offset);
    return { output: buffer, inputBytes: engine.bytesWritten };
  } catch (error) {
    if (error instanceof CodecError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(format, maxBytes, offset);
    if (code === 'Z_BUF_ERROR') throw truncated(format, 'compressed data', offset + bytes.byteLength);
    throw inflateError(format, error, offset);
  }
}

/** zlib's complaint about the data at `offset`, as one of ours. */
export function inflateError(format: string, error: unknown, offset: number): CodecError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_NEED_DICT') return new CodecError('UNSUPPORTED', `${format}: needs a dictionary`, { offset });
  return corrupt(format, `compressed data does not decode (${message})`, offset, error);
}

/** Does HTTP's "deflate" content begin with a zlib header, as it should, or with raw deflate data, as some senders have it? */
export function deflateWrapping(first: number, second: number): DeflateWrapping {
  const isZlib = (first & 0x0f) === 8 && first >>> 4 <= 7 && (first * 256 + second) % 31 === 0;
  return isZlib ? 'zlib' : 'raw';
}

type InfoInflate = (bytes: InputType, options: ZlibOptions) => { buffer: Buffer; engine: { bytesWritten: number } };

/** The synchronous inflater. Its types in @types/node do not know that `info: true` changes the result. */
function inflateEngine(wrapping: DeflateWrapping): InfoInflate {
  return (wrapping === 'zlib' ? inflateSync : inflateRawSync) as unknown as InfoInflate;
}
