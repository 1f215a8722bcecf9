import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ComponentError, readErrorText, type Signal } from '@millrace/api';
import type { AgeIdentity } from '@millrace/codec';
import { checksumOf, headerOfLine, linesOf, listDeadLetterFiles, NodeFileSystem } from '@millrace/delivery';
import { jsonToProto } from '@millrace/otlp';
import { bytesOf } from '../cat/file-input.ts';
import { fileMessages } from '../cat/file-messages.ts';
import { isBeingWritten, rotatedSet } from '../cat/rotated-set.ts';
import { signalOfJson } from '../cat/signal-of-message.ts';

/** A file that holds something to send. */
export interface ReplayFile {
  readonly path: string;
  /** Name in the record of what was sent. */
  readonly name: string;
  readonly kind: 'dead_letter' | 'exported' | 'messages';
  /** It may still grow: it is not deleted. */
  readonly isOpen: boolean;
}

/** One request of a file. */
export type ReplayEntry =
  | { readonly signal: Signal; readonly bytes: Uint8Array }
  /** Its bytes are not what was written: it is not sent. */
  | { readonly damage: string };

/**
 * The files of a dead letter directory, of an export of queues, of a folder of telemetry files, or one file with those it
 * was rotated to; oldest first. `isHeld`: a collector writes to the directory. Throws a ComponentError.
 */
export async function replayFiles(
  source: string,
  isHeld: (directory: string) => Promise<boolean>,
): Promise<readonly ReplayFile[]> {
  const status = await stat(source).catch((error: unknown) => {
    throw new ComponentError(`cannot read "${source}": ${readErrorText(error)}`, { code: 'SOURCE_UNREADABLE' });
  });
  if (!status.isDirectory()) return filesOfSet(source, isHeld);
  const deadLetters = await listDeadLetterFiles(new NodeFileSystem(), source);
  if (deadLetters.length > 0) {
    const held = await isHeld(source);
    return deadLetters.map(({ name }, index) => ({
      path: path.join(source, name),
      name,
      kind: 'dead_letter',
      isOpen: held && index === deadLetters.length - 1,
    }));
  }
  const exported = await exportedFiles(source);
  return exported.length > 0 ? exported : telemetryFiles(source);
}

async function filesOfSet(file: string, isHeld: (directory: string) => Promise<boolean>): Promise<ReplayFile[]> {
  const directory = path.dirname(file);
  const deadLetters = await listDeadLetterFiles(new NodeFileSystem(), directory);
  const name = path.basename(file);
  if (deadLetters.some((each) => each.name === name)) {
    const isOpen = deadLetters.at(-1)?.name === name && (await isHeld(directory));
    return [{ path: file, name, kind: 'dead_letter', isOpen }];
  }
  if (name.endsWith('.bin')) return [{ path: file, name, kind: 'exported', isOpen: false }];
  const set = await rotatedSet(file);
  return Promise.all(set.map((each) => telemetryFile(each, path.basename(each))));
}

/** What `millrace queue export` writes: `QUEUE/SEQUENCE.bin`, and beside it what is known of it. */
async function exportedFiles(source: string): Promise<ReplayFile[]> {
  const names = (await readdir(source, { recursive: true })).filter((name) => name.endsWith('.bin')).toSorted();
  return names.map((name) => ({ path: path.join(source, name), name, kind: 'exported', isOpen: false }));
}

/** What a dead letter has beside its files, also while it holds none. */
const LOCK = 'LOCK';

async function telemetryFiles(source: string): Promise<ReplayFile[]> {
  const entries = await readdir(source, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name !== LOCK)
    .map(({ name }) => name);
  return Promise.all(names.toSorted().map((name) => telemetryFile(path.join(source, name), name)));
}

async function telemetryFile(file: string, name: string): Promise<ReplayFile> {
  return { path: file, name, kind: 'messages', isOpen: await isBeingWritten(file) };
}

/** The requests of a file, in order. Throws where it cannot be read on. */
export function replayEntries(file: ReplayFile, identities: readonly AgeIdentity[]): AsyncGenerator<ReplayEntry> {
  switch (file.kind) {
    case 'dead_letter':
      return deadLetterEntries(file);
    case 'exported':
      return exportedEntry(file);
    case 'messages':
      return messageEntries(file, identities);
  }
}

async function* deadLetterEntries({ path: file }: ReplayFile): AsyncGenerator<ReplayEntry> {
  for await (const { line } of linesOf(new NodeFileSystem(), file)) yield entryOfLine(line);
}

function entryOfLine(line: Uint8Array): ReplayEntry {
  try {
    const header = headerOfLine(line);
    const signal = header?.signal ?? signalOfJson(line);
    if (signal === undefined) return { damage: 'is no entry of a dead letter' };
    const bytes =
      header?.payload === undefined ? jsonToProto(signal, line) : new Uint8Array(Buffer.from(header.payload, 'base64'));
    if (header === undefined || checksumOf(bytes) === header.crc32) return { signal, bytes };
    return { damage: 'does not match its checksum' };
  } catch (error) {
    return { damage: `cannot be read: ${String(error)}` };
  }
}

async function* exportedEntry({ path: file }: ReplayFile): AsyncGenerator<ReplayEntry> {
  const about = JSON.parse(await readFile(file.replace(/\.bin$/, '.json'), 'utf8')) as { readonly signal?: Signal };
  if (about.signal === undefined) yield { damage: 'says nothing of its signal' };
  else yield { signal: about.signal, bytes: new Uint8Array(await readFile(file)) };
}

async function* messageEntries(
  { path: file }: ReplayFile,
  identities: readonly AgeIdentity[],
): AsyncGenerator<ReplayEntry> {
  for await (const message of fileMessages(bytesOf(file), { identities })) {
    yield { signal: message.signal, bytes: message.proto() };
  }
}
