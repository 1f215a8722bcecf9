import type { OpenBatch, Outgoing, Sink } from '@millrace/api';
import type { AgeChunkPosition } from '@millrace/codec';
import { FakeExporterHost, type ManualClock } from '@millrace/testkit';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FileExporterConfig } from '../config.ts';
import { FileEncoder } from '../file-encoder.ts';
import { FileSink } from '../file-sink.ts';
import { diskFileSystem, type FileSystem } from '../file-system.ts';
import definition from '../index.ts';

/** One exporter's surroundings: a directory, a clock to turn, and what the exporter says. */
export class Rig {
  readonly directory = temporaryDirectory();
  /** Bytes of each job that was run, in order. */
  readonly jobs: number[] = [];
  readonly host = new FakeExporterHost({
    seal: (input: Uint8Array, position: AgeChunkPosition) => {
      this.jobs.push(input.byteLength);
      return definition.jobs?.['seal']?.(input, position as never) as Uint8Array;
    },
  });

  get clock(): ManualClock {
    return this.host.manualClock;
  }

  get path(): string {
    return join(this.directory, 'logs.jsonl');
  }

  /** Names of the files in the directory, without the hidden ones. */
  get names(): string[] {
    return readdirSync(this.directory)
      .filter((name) => !name.startsWith('.'))
      .toSorted();
  }

  read(name = 'logs.jsonl'): string {
    return readFileSync(join(this.directory, name), 'utf8');
  }

  settings(changes: Partial<FileExporterConfig> = {}): FileExporterConfig {
    return {
      path: this.path,
      format: 'json',
      append: false,
      compression: 'none',
      compression_params: {},
      flush_interval: 1000,
      create_directory: false,
      group_by: { enabled: false, resource_attribute: 'fileexporter.path_segment', max_open_files: 100 },
      seal_after: 60_000,
      fsync: false,
      ...changes,
    };
  }

  /** A sink that is not started yet; it is shut down with the test. */
  sink(changes: Partial<FileExporterConfig> = {}, fs: FileSystem = diskFileSystem): FileSink {
    const sink = new FileSink(this.settings(changes), this.host, fs);
    onTestFinished(() => sink.shutdown());
    return sink;
  }

  async started(changes: Partial<FileExporterConfig> = {}, fs: FileSystem = diskFileSystem): Promise<FileSink> {
    const sink = this.sink(changes, fs);
    await sink.start();
    return sink;
  }
}

/** `rotation` with its defaults. */
export function rotation(changes: Partial<NonNullable<FileExporterConfig['rotation']>> = {}) {
  return { max_megabytes: 100, max_days: 0, max_backups: 100, localtime: false, ...changes };
}

/** Encodes and sends a batch as the engine does. */
export function deliver(sink: Sink, settings: FileExporterConfig, batch: OpenBatch): Promise<void> {
  return sendBytes(sink, Uint8Array.from(new FileEncoder(settings).encode(batch)));
}

/** Sends bytes whose memory is used for something else as soon as `send` has settled. */
export async function sendBytes(sink: Sink, bytes: Uint8Array, abort = new AbortController().signal): Promise<void> {
  try {
    await sink.send({ signal: 'logs', bytes, items: 1, context: undefined, abort } satisfies Outgoing);
  } finally {
    bytes.fill(0xee);
  }
}

/** Waits for file operations under way, until `isDone`. */
export async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => void setImmediate(resolve));
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-file-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}
