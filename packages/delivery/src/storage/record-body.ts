import { crc32 } from 'node:zlib';
import { placeOf, RECORD_HEADER_BYTES, writeRecordHeader } from './record-header.ts';
import type { RecordHeader, RecordKind } from './record-header.ts';
import { TAG_BYTES } from './sealing.ts';
import type { SegmentCipher } from './sealing.ts';

/** A record before it is written. */
export interface RecordContent {
  readonly kind: RecordKind;
  readonly deleted: boolean;
  readonly items: number;
  readonly name: Uint8Array;
  readonly meta: Uint8Array;
  readonly data: readonly Uint8Array[];
  /** Sum of the data's lengths. */
  readonly dataBytes: number;
}

/** A record that was read. */
export interface RecordBody {
  readonly name: string;
  readonly meta: Buffer;
  readonly data: Buffer;
}

/** What a segment does to its records. */
export interface RecordSetting {
  readonly seed: number;
  readonly cipher: SegmentCipher | undefined;
}

/** Marks hold numbers only; everything else may be encrypted. */
function maySeal(kind: RecordKind): boolean {
  return kind === 'entry' || kind === 'state';
}

/** Bytes of a record on disk, in a segment that is encrypted or not. */
export function recordBytes(content: RecordContent, { sealed }: { readonly sealed: boolean }): number {
  const tag = sealed && maySeal(content.kind) ? TAG_BYTES : 0;
  return RECORD_HEADER_BYTES + content.name.length + content.meta.length + content.dataBytes + tag;
}

export interface RecordPlace {
  readonly offset: number;
  readonly sequence: number;
  readonly group: number;
  readonly groupOffset: number;
}

/** The parts of the payload; the header is written to `header` at `at`. */
export function encodeRecord(
  content: RecordContent,
  where: RecordSetting & RecordPlace,
  header: Buffer,
  at: number,
): readonly Uint8Array[] {
  const { kind, name, meta, data } = content;
  const sealed = where.cipher !== undefined && maySeal(kind);
  const clear = meta.length === 0 ? data : [meta, ...data];
  const body = sealed ? where.cipher.seal(where.offset, clear, contextOf({ ...content, ...where }, name)) : clear;
  const parts = name.length === 0 ? body : [name, ...body];
  let payloadCrc = 0;
  let payloadBytes = 0;
  for (const part of parts) {
    payloadCrc = crc32(part, payloadCrc);
    payloadBytes += part.length;
  }
  const { deleted, items, dataBytes } = content;
  const { sequence, group, groupOffset } = where;
  const nameBytes = name.length;
  writeRecordHeader(
    header,
    at,
    { kind, sealed, deleted, payloadBytes, payloadCrc, sequence, group, nameBytes, items, dataBytes, groupOffset },
    placeOf(where.seed, where.offset),
  );
  return parts;
}

/** Undefined when the body can't be decrypted, or is not what the header says. */
export function decodeBody(
  header: RecordHeader,
  payload: Buffer,
  offset: number,
  setting: RecordSetting,
): RecordBody | undefined {
  const name = payload.subarray(0, header.nameBytes);
  let body: Buffer | undefined = payload.subarray(header.nameBytes);
  if (header.sealed) body = setting.cipher?.unseal(offset, body, contextOf(header, name));
  if (body === undefined || header.dataBytes > body.length) return undefined;
  const metaBytes = body.length - header.dataBytes;
  return { name: name.toString(), meta: body.subarray(0, metaBytes), data: body.subarray(metaBytes) };
}

/** What is authenticated beside the body: a record cannot be made to pass for another one. */
function contextOf(
  header: Pick<RecordHeader, 'kind' | 'deleted' | 'sequence' | 'items' | 'dataBytes'>,
  name: Uint8Array,
): Buffer {
  const context = Buffer.allocUnsafe(18 + name.length);
  context.writeDoubleLE(header.sequence, 0);
  context[8] = header.kind === 'entry' ? 1 : 2;
  context[9] = header.deleted ? 1 : 0;
  context.writeUInt32LE(header.items, 10);
  context.writeUInt32LE(header.dataBytes, 14);
  context.set(name, 18);
  return context;
}
