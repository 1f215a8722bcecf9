import { ComponentError, type ExporterHost, type Outgoing, type Sink } from '@millrace/api';
import type { FileExporterConfig } from './config.ts';
import { diskFileSystem, type FileSystem } from './file-system.ts';
import { FileWriter } from './file-writer.ts';
import { readRecipients } from './recipients.ts';

/** Writes encoded batches to the configured path. */
export class FileSink implements Sink {
  readonly guarantee: 'memory' | 'safe';
  readonly strengthenedBy = 'fsync: true';
  readonly #settings: FileExporterConfig;
  readonly #host: ExporterHost;
  readonly #fs: FileSystem;
  #writer: FileWriter | undefined;

  constructor(settings: FileExporterConfig, host: ExporterHost, fs: FileSystem = diskFileSystem) {
    // Without fsync a power failure may still lose what the system has not written.
    this.guarantee = settings.fsync ? 'safe' : 'memory';
    this.#settings = settings;
    this.#host = host;
    this.#fs = fs;
  }

  async start(): Promise<void> {
    const { path, append, rotation, encryption } = this.#settings;
    const recipients = encryption === undefined ? [] : await readRecipients(encryption, this.#fs);
    const writer = new FileWriter({
      path,
      settings: this.#settings,
      isContinued: append || rotation !== undefined,
      recipients,
      fs: this.#fs,
      host: this.#host,
    });
    await writer.start();
    this.#writer = writer;
    this.#host.announce('writes', path);
  }

  send({ bytes, abort }: Outgoing): Promise<void> {
    if (this.#writer === undefined)
      throw new ComponentError('the file exporter was not started', { code: 'NOT_STARTED' });
    return this.#writer.write(bytes, abort);
  }

  async shutdown(): Promise<void> {
    await this.#writer?.finish();
  }
}
