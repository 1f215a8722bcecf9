import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { ComponentError, type Signal } from '@millrace/api';
import {
  type DirectoryOverview,
  dropQueue,
  exportDirectory,
  inspectDirectory,
  listDeadLetterFiles,
  NodeFileSystem,
  peekQueue,
  repairDirectory,
  type RecoveryReport,
} from '@millrace/delivery';
import { protoToJson } from '@millrace/otlp';
import { paintFor } from '../display/paint.ts';
import { byteText, table } from '../display/table.ts';
import { ByteOutput } from './cat/byte-output.ts';
import { RecordText } from './cat/record-text.ts';
import { printFailure } from './print-failure.ts';
import { toolOptions } from './queue/tool-options.ts';
import { counted } from './read-config.ts';

export interface QueueOptions {
  /** `json`, or for people. */
  readonly output?: string;
  /** Files with the keys of an encrypted storage. */
  readonly keyFile: readonly string[];
}

/** Where output goes, for tests. */
export interface QueueStreams {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
}

/** Runs one of the commands; the result is the exit code. */
async function command(name: string, { stderr }: QueueStreams, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    printFailure(`queue ${name}`, error, stderr);
    return 1;
  }
}

/** Lists the queues of storage directories, checking every record. Code 1: damage was found, or one cannot be read. */
export async function listQueues(
  directories: readonly string[],
  options: QueueOptions,
  streams: QueueStreams = process,
): Promise<number> {
  let code = 0;
  const all: (DirectoryOverview & { readonly directory: string })[] = [];
  for (const directory of directories) {
    const failed = await command('ls', streams, async () => {
      const tools = await toolOptions(directory, { keyFiles: options.keyFile, besideOwner: true });
      const overview = await inspectDirectory(tools);
      if (overview.report.segments === 0) await refuseDeadLetter(directory);
      all.push({ directory, ...overview });
      return overview.owner === undefined && isDamaged(overview.report) ? 1 : 0;
    });
    code = Math.max(code, failed);
  }
  const { stdout } = streams;
  if (options.output === 'json') stdout.write(`${JSON.stringify(all, undefined, 2)}\n`);
  else for (const each of all) stdout.write(describe(each, directories.length > 1));
  return code;
}

function describe(
  { directory, queues, state, report, owner }: DirectoryOverview & { directory: string },
  named: boolean,
) {
  const lines: string[] = [];
  if (named) lines.push(`${directory}:`);
  if (queues.length === 0) lines.push('no queue holds anything');
  const rows = queues.map(({ name, requests, items, bytes, firstSequence, lastSequence }) => [
    name,
    requests,
    items,
    byteText(bytes),
    firstSequence ?? '-',
    lastSequence ?? '-',
  ]);
  const headings = ['QUEUE', 'REQUESTS', 'ITEMS', 'SIZE', 'FIRST', 'LAST'];
  if (rows.length > 0) lines.push(table(headings, rows).trimEnd());
  if (state.length > 0) {
    const kept = state.map(({ namespace, keys }) => [namespace, keys.length]);
    lines.push('', table(['STATE OF', 'KEYS'], kept).trimEnd());
  }
  lines.push('', `${counted(report.segments, 'segment')}, ${byteText(report.bytes)} on disk`);
  if (report.segments === 0 && owner === undefined) {
    lines.push(`nothing of a storage is in ${directory}: name the directory of a file_storage extension`);
  }
  if (owner === undefined) lines.push(...damageOf(report));
  else lines.push(`in use by process ${owner.pid} on ${owner.host}: this is how it was a moment ago`);
  return `${lines.join('\n')}\n`;
}

function isDamaged({ quarantined, unreadable }: RecoveryReport): boolean {
  return quarantined.length > 0 || unreadable.length > 0;
}

/** What a start, or a repair, finds. */
function damageOf({ tornBytes, quarantined, unreadable, foreign }: RecoveryReport): string[] {
  return [
    ...(tornBytes > 0 ? [`${tornBytes} half-written bytes of a crash at the end (never acknowledged)`] : []),
    ...quarantined.map(
      ({ file, offset, bytes, reason, copy }) =>
        `damaged: ${bytes} bytes at ${offset} of ${file}: ${reason}${copy === undefined ? '' : `; now in ${copy}`}`,
    ),
    ...unreadable.map((file) => `the disk refuses to read a part of ${file}`),
    ...(foreign.length > 0 ? [`not its own, and left alone: ${foreign.join(', ')}`] : []),
  ];
}

/** Prints what waits in one queue, or in all, oldest first, up to a number of requests. */
export async function peekQueues(
  directory: string,
  options: QueueOptions & { readonly queue?: string; readonly limit: number },
  streams: QueueStreams = process,
): Promise<number> {
  return command('peek', streams, async () => {
    const tools = await toolOptions(directory, { keyFiles: options.keyFile, besideOwner: true });
    const { queues } = await inspectDirectory(tools);
    const names = queues.map(({ name }) => name);
    if (options.queue !== undefined && !names.includes(options.queue)) throw noQueue(directory, options.queue, names);
    const output = new ByteOutput(streams.stdout);
    const text = new RecordText(paintFor(streams.stdout));
    let left = options.limit;
    for (const name of options.queue === undefined ? names : [options.queue]) {
      for await (const { sequence, items, meta, data } of peekQueue(tools, name)) {
        if (left-- <= 0 || output.isClosed) break;
        const { signal } = JSON.parse(Buffer.from(meta).toString()) as { readonly signal: Signal };
        if (options.output === 'json') output.line(protoToJson(signal, data));
        else {
          output.text(`${name} #${sequence}: ${counted(items, 'item')}, ${byteText(data.length)} of ${signal}`);
          for (const line of text.lines(signal, data)) output.text(`  ${line}`);
        }
        if (output.isFull) await output.flush();
      }
    }
    await output.flush();
    return 0;
  });
}

/** Writes what waits to files of its own, for `millrace replay` and for whoever wants to look. */
export async function exportQueues(
  directory: string,
  to: string,
  options: QueueOptions,
  streams: QueueStreams = process,
): Promise<number> {
  return command('export', streams, async () => {
    const tools = await toolOptions(directory, { keyFiles: options.keyFile, besideOwner: true });
    await mkdir(to, { recursive: true, mode: 0o700 });
    const entries = await exportDirectory(tools, path.resolve(to));
    report(streams, options, { directory, to, entries }, `exported ${counted(entries, 'request')} to ${to}`);
    return 0;
  });
}

/** Does what the start of a collector does: cuts torn ends, puts damaged parts aside. */
export async function repairQueues(
  directory: string,
  options: QueueOptions,
  streams: QueueStreams = process,
): Promise<number> {
  return command('repair', streams, async () => {
    const found = await repairDirectory(
      await toolOptions(directory, { keyFiles: options.keyFile, besideOwner: false }),
    );
    const damage = damageOf(found);
    const text = damage.length === 0 ? 'nothing was damaged' : damage.join('\n');
    report(streams, options, { directory, ...found }, `${text}\n${counted(found.entries, 'request')} can be delivered`);
    return 0;
  });
}

/** Gives up what waits in a queue. */
export async function dropFromQueue(
  directory: string,
  options: QueueOptions & { readonly queue: string; readonly yes?: boolean },
  streams: QueueStreams = process,
): Promise<number> {
  return command('drop', streams, async () => {
    const tools = await toolOptions(directory, { keyFiles: options.keyFile, besideOwner: false });
    const { queues } = await inspectDirectory(tools);
    const queue = queues.find(({ name }) => name === options.queue);
    const names = queues.map(({ name }) => name);
    if (queue === undefined) throw noQueue(directory, options.queue, names);
    const { requests, items } = queue;
    const what = `${counted(requests, 'request')} with ${counted(items, 'item')} of ${options.queue}`;
    if (options.yes !== true) {
      streams.stderr.write(`millrace queue drop: would give up ${what} for good; say --yes\n`);
      return 1;
    }
    const dropped = await dropQueue(tools, options.queue);
    report(streams, options, { directory, queue: options.queue, dropped, items }, `gave up ${what}`);
    return 0;
  });
}

function report({ stdout }: QueueStreams, { output }: QueueOptions, data: object, text: string): void {
  stdout.write(output === 'json' ? `${JSON.stringify(data)}\n` : `${text}\n`);
}

function noQueue(directory: string, queue: string, names: readonly string[]): ComponentError {
  return new ComponentError(`${directory} has no queue "${queue}" that holds anything`, {
    code: 'QUEUE_UNKNOWN',
    remedy: names.length === 0 ? 'it has none at all' : `it has: ${names.join(', ')}`,
  });
}

/** Throws where the directory is known to be something else than a storage, which would seem to be an empty one. */
async function refuseDeadLetter(directory: string): Promise<void> {
  const { length } = await listDeadLetterFiles(new NodeFileSystem(), path.resolve(directory)).catch(() => []);
  if (length === 0) return;
  throw new ComponentError(
    `${directory} is a dead letter of ${counted(length, 'file')}, not the directory of a storage`,
    {
      code: 'NOT_A_STORAGE',
      remedy: `millrace replay ${directory} --to DESTINATION sends it again; millrace cat shows its files`,
    },
  );
}
