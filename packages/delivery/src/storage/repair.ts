import type { FileSystem } from './file-system.ts';
import { placeOf, RECORD_HEADER_BYTES, writeRecordHeader } from './record-header.ts';
import { encodeSegmentHeader } from './segment-header.ts';
import type { SegmentHeader } from './segment-header.ts';
import type { Segment } from './segment.ts';

const STEP_BYTES = 256 * 1024;

/** Removes everything from `bytes` on. */
export async function cutFile(files: FileSystem, path: string, bytes: number): Promise<void> {
  const file = await files.open(path, 'write');
  try {
    await file.truncate(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes readers skip a region: it becomes the payload of a record that is never looked at. */
export async function digHole(
  files: FileSystem,
  segment: Segment,
  { offset, end }: { readonly offset: number; readonly end: number },
): Promise<void> {
  if (end - offset < RECORD_HEADER_BYTES) return;
  const header = Buffer.alloc(RECORD_HEADER_BYTES);
  writeRecordHeader(
    header,
    0,
    {
      kind: 'hole',
      sealed: false,
      deleted: false,
      payloadBytes: end - offset - RECORD_HEADER_BYTES,
      payloadCrc: 0,
      sequence: 0,
      group: 0,
      nameBytes: 0,
      items: 0,
      dataBytes: 0,
      groupOffset: offset,
    },
    placeOf(segment.seed, offset),
  );
  await overwrite(files, segment.path, header, offset);
}

export async function restoreHeader(files: FileSystem, path: string, header: SegmentHeader): Promise<void> {
  await overwrite(files, path, encodeSegmentHeader(header), 0);
}

/** Whether a region holds nothing but zeros: room that was never written. */
export async function isBlank(
  files: FileSystem,
  path: string,
  { offset, end }: { readonly offset: number; readonly end: number },
): Promise<boolean> {
  const file = await files.open(path, 'read');
  try {
    const buffer = Buffer.alloc(Math.min(STEP_BYTES, end - offset));
    for (let at = offset; at < end; at += buffer.length) {
      const read = await file.read(buffer.subarray(0, Math.min(buffer.length, end - at)), at);
      for (let index = 0; index < read; index++) if (buffer[index] !== 0) return false;
    }
    return true;
  } finally {
    await file.close();
  }
}

async function overwrite(files: FileSystem, path: string, bytes: Uint8Array, offset: number): Promise<void> {
  const file = await files.open(path, 'write');
  try {
    await file.write([bytes], offset);
    await file.sync();
  } finally {
    await file.close();
  }
}
