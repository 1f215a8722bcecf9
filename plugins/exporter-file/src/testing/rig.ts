import type { ComponentStatus, ExporterHost, LogFields, OpenBatch, Outgoing, Sink } from '@millrace/api';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FileExporterConfig } from '../config.ts';
import { FileEncoder } from '../file-encoder.ts';
import type { FileSystem } from '../file-system.ts';
import { diskFileSystem } from '../file-system.ts';
import definition from '../index.ts';
import { FileSink } from '../file-sink.ts';
import { ManualClock } from './manual-clock.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** What a test sees of one exporter's surroundings. */
export class Rig {
  readonly directory = temporaryDirectory();
  readonly clock = new ManualClock();
  readonly logs: LogLine[] = [];
  readonly statuses: (readonly [ComponentStatus, string | undefined])[] = [];
  readonly places: string[] = [];
  /** Bytes of each job that was run. */
  readonly jobs: number[] = [];

  get path(): string {
    return join(this.directory, 'logs.jsonl');
  }

  /** Names of the files in the directory, without the hidden ones. */
  get names(): string[] {
    return readdirSync(this.directory)
      .filter((name) => !name.startsWith('.'))
      .toSorted();
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

  get host(): ExporterHost {
    const log = (level: string) => (message: string, fields?: LogFields) => {
      this.logs.push({ level, message, fields });
    };
    return {
      id: 'file',
      version: '0.0.0',
      clock: this.clock,
      logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      telemetry: {
        counter: () => ({ add: () => {} }),
        histogram: () => ({ record: () => {} }),
        gauge: () => () => {},
      },
      memory: () => ({ rss: 0, heapUsed: 0, inFlight: 0, inFlightMax: 0 }),
      extension: () => undefined,
      reportStatus: (status, message) => void this.statuses.push([status, message]),
      announce: (_what, place) => void this.places.push(place),
      run: (job, input, params) => {
        this.jobs.push(input.byteLength);
        const work = definition.jobs?.[job] as (input: Uint8Array, params: unknown) => Uint8Array;
        return Promise.resolve(work(input, params));
      },
    };
  }
}

/** Encodes and sends a batch as the engine does: the memory is reused as soon as `send` has settled. */
export async function deliver(sink: Sink, settings: FileExporterConfig, batch: OpenBatch): Promise<void> {
  const bytes = Uint8Array.from(new FileEncoder(settings).encode(batch));
  await sendBytes(sink, bytes);
}

export async function sendBytes(sink: Sink, bytes: Uint8Array, abort = new AbortController().signal): Promise<void> {
  try {
    await sink.send({ signal: 'logs', bytes, items: 1, context: undefined, abort } satisfies Outgoing);
  } finally {
    bytes.fill(0xee);
  }
}

/** Runs everything that file operations under way lead to, until `isDone`. */
export async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setImmediate(resolve));
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-file-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}
