import { AGE_CHUNK_BYTES, PADDING_BYTES_MAX, PADDING_BYTES_MIN, paddingFrame } from '@millrace/codec';
import type { FileExporterConfig } from './config.ts';
import { PREFIX_BYTES } from './length-prefix.ts';

/** What a file's content consists of. */
export interface ContentForm {
  readonly format: FileExporterConfig['format'];
  readonly codec: 'none' | 'gzip' | 'zstd' | 'lz4';
}

/** Bytes that fill `filledBytes` up to whole chunks of age and mean nothing to any reader; none if they are. */
export function paddingToChunk(form: ContentForm, filledBytes: number): Uint8Array {
  const missing = (AGE_CHUNK_BYTES - (filledBytes % AGE_CHUNK_BYTES)) % AGE_CHUNK_BYTES;
  if (missing === 0) return new Uint8Array(0);
  const least = leastPadding(form);
  if (missing >= least) return padding(form, missing);
  // Too little room for one: through the next chunk, in two pieces since one may not be long enough.
  const half = AGE_CHUNK_BYTES / 2;
  return Buffer.concat([padding(form, half), padding(form, half + missing)]);
}

/** The least that can be added to a file without changing what it says. */
export function leastPadding({ format, codec }: ContentForm): number {
  if (codec !== 'none') return PADDING_BYTES_MIN[codec];
  return format === 'json' ? 1 : PREFIX_BYTES + FILLER_HEAD_BYTES;
}

/**
 * `lengthBytes` of padding: a skippable frame or an empty member, where compressed; empty lines in JSON; in protobuf a
 * request that holds nothing but a field which no version of OTLP knows.
 */
export function padding({ format, codec }: ContentForm, lengthBytes: number): Uint8Array {
  if (codec !== 'none') return paddingFrame(codec, lengthBytes);
  if (format === 'json') return new Uint8Array(lengthBytes).fill(LINE_FEED);
  if (lengthBytes < PREFIX_BYTES + FILLER_HEAD_BYTES || lengthBytes > PADDING_BYTES_MAX) {
    throw new RangeError(`cannot pad protobuf by ${lengthBytes} bytes`);
  }
  const message = new Uint8Array(lengthBytes);
  const fillerBytes = lengthBytes - PREFIX_BYTES - FILLER_HEAD_BYTES;
  new DataView(message.buffer).setUint32(0, lengthBytes - PREFIX_BYTES);
  // The filler's length always in three bytes of varint, so that every total is possible.
  message.set(
    [...FILLER_TAG, (fillerBytes & 0x7f) | 0x80, ((fillerBytes >>> 7) & 0x7f) | 0x80, fillerBytes >>> 14],
    PREFIX_BYTES,
  );
  return message;
}

const LINE_FEED = 0x0a;
/** Field 1000, length-delimited. */
const FILLER_TAG = [0xc2, 0x3e];
const FILLER_HEAD_BYTES = FILLER_TAG.length + 3;
