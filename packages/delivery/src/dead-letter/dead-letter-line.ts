import { crc32 } from 'node:zlib';
import type { Signal } from '@millrace/api';
import type { FileSystem } from '../storage/file-system.ts';

/** What an entry says of itself, in the first key of its line. Every OTLP/JSON reader passes over a key that it does not know. */
export interface DeadLetterHeader {
  readonly version: 1;
  /** What gave the data up: `exporter "otlphttp"`. */
  readonly component: string;
  readonly signal: Signal;
  /** Log records, spans, data points or profiles; 0 where they could not be counted. */
  readonly items: number;
  /** How many of them the destination rejected; absent: all. It does not say which. */
  readonly rejected_items?: number;
  /** The code of the error, such as PERMANENT or RETRIES_EXHAUSTED. */
  readonly reason: string;
  readonly message: string;
  readonly attempts: number;
  /** RFC 3339. */
  readonly first_time: string;
  readonly last_time: string;
  /** CRC-32 of the payload, in hex. */
  readonly crc32: string;
  /** The payload in base64, where the OTLP/JSON beside it, if any, does not say all of it. */
  readonly payload?: string;
}

const KEY = 'millrace_dead_letter';
const PREFIX = Buffer.from(`{"${KEY}":`);
const LINE_FEED = Buffer.from('\n');

/** A line: the header, and behind it the members of an OTLP/JSON request. `json` undefined: nothing but the header. */
export function deadLetterLine(header: DeadLetterHeader, json: Uint8Array | undefined): Uint8Array {
  const start = [PREFIX, Buffer.from(JSON.stringify(header))];
  const rest = json === undefined || json.length <= 2 ? Buffer.from('}') : json.subarray(1);
  return Buffer.concat([...start, ...(rest.length > 1 ? [Buffer.from(',')] : []), rest, LINE_FEED]);
}

export function checksumOf(payload: Uint8Array): string {
  return crc32(payload).toString(16).padStart(8, '0');
}

/** The header of a line; undefined where it has none. Throws a SyntaxError where it is damaged. */
export function headerOfLine(line: Uint8Array): DeadLetterHeader | undefined {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.length);
  if (!bytes.subarray(0, PREFIX.length).equals(PREFIX)) return undefined;
  const end = endOfObject(bytes, PREFIX.length);
  return JSON.parse(bytes.toString('utf8', PREFIX.length, end)) as DeadLetterHeader;
}

/** Behind the brace that closes the object that begins at `start`. */
function endOfObject(bytes: Buffer, start: number): number {
  let depth = 0;
  let inText = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inText) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x7b) depth++;
    else if (byte === 0x7d && --depth === 0) return at + 1;
  }
  throw new SyntaxError('the header of the entry has no end');
}

const READ_BYTES = 256 * 1024;

/** Whole lines of a file, without their line feeds, with the position behind each; what follows the last one is left out. */
export async function* linesOf(
  files: Pick<FileSystem, 'open'>,
  path: string,
  from = 0,
): AsyncGenerator<{ readonly line: Uint8Array; readonly end: number }> {
  const file = await files.open(path, 'read');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let searched = 0;
    for (let at = from; ;) {
      const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
      const read = await file.read(buffer, at);
      if (read === 0) return;
      rest = Buffer.concat([rest, buffer.subarray(0, read)]);
      at += read;
      for (let found = rest.indexOf(0x0a, searched); found >= 0; found = rest.indexOf(0x0a)) {
        const line = rest.subarray(0, found);
        rest = rest.subarray(found + 1);
        yield { line, end: at - rest.length };
      }
      searched = rest.length;
    }
  } finally {
    await file.close();
  }
}

/** Items in all entries of a file, as far as it can be read. */
export async function itemsOfLines(files: Pick<FileSystem, 'open'>, path: string): Promise<number> {
  let items = 0;
  for await (const { line } of linesOf(files, path)) {
    try {
      items += headerOfLine(line)?.items ?? 0;
    } catch {
      // Damaged: nobody can say.
    }
  }
  return items;
}
