import { crc32 } from 'node:zlib';
import { parseStream } from './byte-parser.ts';
import { ByteReader, type ByteSource } from './byte-reader.ts';
import { CodecError, corrupt, truncated } from './codec-error.ts';
import type { CompressionCodec } from './compression-codec.ts';
import {
  GZIP_HEADER_BYTES_MAX,
  GZIP_TRAILER_BYTES,
  assertGzipTrailer,
  gzipHeaderBytes,
  isPadding,
} from './gzip-format.ts';
import { inflateStream } from './inflate-stream.ts';
import { deflateWrapping } from './inflate.ts';
import { lz4Frames } from './lz4-frames.ts';
import { snappyFrames } from './snappy-frames.ts';
import { zstdStream } from './zstd-stream.ts';

/** Codecs that can be decompressed as they arrive: all but Snappy's block format, which must be there whole. */
export type StreamingCodec = Exclude<CompressionCodec, 'snappy'>;

/**
 * Decompresses a stream of any length, cut into pieces anywhere, in bounded memory: one block (64 KiB to 4 MiB) and the
 * codec's window (at most 128 MiB, for zstd files made with `--ultra --long`; typically below 8 MiB). There is no limit on
 * the output: the consumer stops reading when it has enough. The pieces of `source` are read until the stream is done with
 * them, so the source must not reuse their memory. The yielded pieces are the consumer's to keep and to change, but not to
 * transfer: several may lie in one ArrayBuffer.
 *
 * Everything before damage is yielded before the error is thrown: whole blocks (zstd, lz4), chunks (x-snappy-framed), or
 * whatever inflates (gzip, zlib, deflate). If `source` itself throws, what arrived is decompressed first and then that very
 * error is thrown: so an encrypted file's damage is reported by the decryption, with its offset.
 *
 * What may follow the first frame is what {@link decompress} allows, without its limit on the number. An empty stream is
 * no frames, and yields nothing for the concatenable codecs: a file to which nothing has been appended yet.
 *
 * @throws CodecError `CORRUPT`, `TRUNCATED` or `UNSUPPORTED`, with the offset in `source`
 */
export async function* decompressStream(
  source: ByteSource,
  { codec }: { codec: StreamingCodec },
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new ByteReader(source);
  try {
    yield* decoder(reader, codec);
  } catch (error) {
    throw reader.failure ?? error;
  } finally {
    await reader.close();
  }
  if (reader.failure !== undefined) throw reader.failure;
}

function decoder(reader: ByteReader, codec: StreamingCodec): AsyncGenerator<Uint8Array, void, undefined> {
  switch (codec) {
    case 'none':
      return copyStream(reader);
    case 'gzip':
      return gzipStream(reader);
    case 'zlib':
    case 'deflate':
      return deflateStream(reader, codec);
    case 'zstd':
      return zstdStream(reader);
    case 'lz4':
      return parseStream(lz4Frames(), reader);
    case 'x-snappy-framed':
      return parseStream(snappyFrames(), reader);
    default:
      throw new CodecError('UNSUPPORTED', `cannot decompress as a stream: codec ${String(codec)}`);
  }
}

async function* copyStream(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  while (await reader.fill(1)) yield reader.take(reader.peekRun(COPY_BYTES_MAX).byteLength);
}

async function* gzipStream(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  let isFirst = true;
  while (await reader.fill(1)) {
    if (!isFirst && reader.peek(1)[0] === 0) break;
    isFirst = false;
    await skipGzipHeader(reader);
    const content = { crc: 0, bytes: 0 };
    for await (const output of inflateStream(reader, { format: 'gzip', wrapping: 'raw' })) {
      content.crc = crc32(output, content.crc);
      content.bytes += output.byteLength;
      yield output;
    }
    if (!(await reader.fill(GZIP_TRAILER_BYTES))) throw truncatedAtEnd(reader, 'gzip', 'a trailer');
    assertGzipTrailer(reader.peek(GZIP_TRAILER_BYTES), content, reader.offset);
    reader.skip(GZIP_TRAILER_BYTES);
  }
  await assertPadding(reader);
}

async function skipGzipHeader(reader: ByteReader): Promise<void> {
  for (let wanted = 10; ; wanted *= 2) {
    const isThere = await reader.fill(wanted);
    const headerBytes = gzipHeaderBytes(reader.peek(Math.min(wanted, GZIP_HEADER_BYTES_MAX)), reader.offset);
    if (headerBytes !== undefined) return reader.skip(headerBytes);
    if (!isThere) throw truncatedAtEnd(reader, 'gzip', 'a header');
  }
}

async function assertPadding(reader: ByteReader): Promise<void> {
  const { offset } = reader;
  while (await reader.fill(1)) {
    if (!isPadding(reader.take(COPY_BYTES_MAX))) throw corrupt('gzip', 'something follows the last member', offset);
  }
}

async function* deflateStream(
  reader: ByteReader,
  format: 'zlib' | 'deflate',
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!(await reader.fill(2))) throw truncatedAtEnd(reader, format, 'a header');
  const [first, second] = reader.peek(2) as unknown as [number, number];
  yield* inflateStream(reader, { format, wrapping: format === 'zlib' ? 'zlib' : deflateWrapping(first, second) });
  if (await reader.fill(1)) throw corrupt(format, 'something follows the compressed data', reader.offset);
}

/** The input has ended: its length is the position and what could not be used. */
function truncatedAtEnd(reader: ByteReader, format: string, what: string): CodecError {
  return truncated(format, what, reader.offset + reader.peek(COPY_BYTES_MAX).byteLength);
}

const COPY_BYTES_MAX = 1024 * 1024;
