import type { Logger } from '@millrace/api';
import { DETECTION_BYTES, detectCompression, isAge } from '@millrace/codec';
import { pathIsDirectory } from './file-errors.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { PREFIX_BYTES } from './length-prefix.ts';
import type { ContentForm } from './padding.ts';

/** What to do with what lies at the path already. */
export type Leftover =
  /** Go on behind the first `keptBytes`; what follows them, if anything, is torn or unwanted. */
  | { readonly do: 'continue'; readonly keptBytes: number }
  /** Rename it. `note` goes into the new name. */
  | { readonly do: 'set aside'; readonly note: string | undefined };

export interface LeftoverSettings {
  readonly form: ContentForm;
  readonly isSealed: boolean;
  /** Is an existing file to be continued, not emptied? */
  readonly isContinued: boolean;
  /** Did its writer end without finishing it? */
  readonly isUnfinished: boolean;
}

/**
 * Looks at what lies at `path` and decides, so that nothing is ever appended to what its readers would not get past:
 * - an encrypted file has ended, or been cut off; it cannot be continued, and it is never emptied;
 * - a file of another format or compression is left as it is;
 * - a compressed file of a crashed writer may end within a frame, which only decompressing all of it would show;
 * - of plain lines and messages, one that is torn is cut off.
 *
 * @throws {ComponentError} if it is a directory
 */
export async function examineLeftover(
  fs: FileSystem,
  path: string,
  settings: LeftoverSettings,
  logger: Logger,
): Promise<Leftover> {
  const facts = await fs.stat(path);
  if (facts?.kind === 'directory') throw pathIsDirectory(path);
  if (facts === undefined || facts.kind === 'stream' || facts.bytes === 0) return { do: 'continue', keptBytes: 0 };
  const file = await fs.open(path);
  try {
    const start = new Uint8Array(Math.min(DETECTION_BYTES, facts.bytes));
    await file.read(start, 0);
    const { form, isSealed, isContinued, isUnfinished } = settings;
    const note = isUnfinished ? 'incomplete' : undefined;
    if (isSealed || isAge(start)) return { do: 'set aside', note };
    if (!isContinued) return { do: 'continue', keptBytes: 0 };
    const isOther = (detectCompression(start) ?? 'none') !== form.codec;
    if (isOther || (form.codec === 'none' && formatOf(start) !== form.format)) {
      logger.warn('the existing file has another format: it is renamed', { path });
      return { do: 'set aside', note: undefined };
    }
    if (form.codec !== 'none') {
      return isUnfinished ? { do: 'set aside', note } : { do: 'continue', keptBytes: facts.bytes };
    }
    const endOf = form.format === 'json' ? endOfLines : endOfMessages;
    const keptBytes = await endOf(file, facts.bytes);
    if (keptBytes < facts.bytes) {
      logger.warn('the existing file ends within a batch, of which the beginning is cut off', {
        path,
        keptBytes,
        cutBytes: facts.bytes - keptBytes,
      });
    }
    return { do: 'continue', keptBytes };
  } finally {
    await file.close();
  }
}

/** Length prefixes begin with a small number, as no message has 160 MiB; JSON lines with a brace. */
function formatOf(start: Uint8Array): ContentForm['format'] | undefined {
  if (start[0] === OPENING_BRACE || start[0] === LINE_FEED) return 'json';
  return start[0] < LINE_FEED ? 'proto' : undefined;
}

/** The length up to and including the last line end. */
async function endOfLines(file: OpenFile, fileBytes: number): Promise<number> {
  const window = new Uint8Array(WINDOW_BYTES);
  for (let end = fileBytes; end > 0;) {
    const start = Math.max(0, end - WINDOW_BYTES);
    const part = window.subarray(0, end - start);
    await readFully(file, part, start);
    const found = part.lastIndexOf(LINE_FEED);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
}

/** The length of the whole messages from the beginning. */
async function endOfMessages(file: OpenFile, fileBytes: number): Promise<number> {
  const prefix = new Uint8Array(PREFIX_BYTES);
  const view = new DataView(prefix.buffer);
  let end = 0;
  while (end + PREFIX_BYTES <= fileBytes) {
    await readFully(file, prefix, end);
    const next = end + PREFIX_BYTES + view.getUint32(0);
    if (next > fileBytes) break;
    end = next;
  }
  return end;
}

async function readFully(file: OpenFile, target: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < target.byteLength) {
    const count = await file.read(target.subarray(done), position + done);
    if (count === 0) throw new Error(`the file became shorter while it was read, at byte ${position + done}`);
    done += count;
  }
}

const WINDOW_BYTES = 65536;
const LINE_FEED = 0x0a;
const OPENING_BRACE = 0x7b;
