import { type ExporterHost, type Outgoing, retryable, type Sink } from '@millrace/api';
import type { AgeRecipient } from '@millrace/codec';
import { dirname } from 'node:path';
import type { FileExporterConfig } from './config.ts';
import { startError } from './file-errors.ts';
import { diskFileSystem, type FileSystem } from './file-system.ts';
import { FileWriter } from './file-writer.ts';
import { splitGroups } from './group-envelope.ts';
import { groupPath } from './group-path.ts';
import { readRecipients } from './recipients.ts';
import { WriterPool } from './writer-pool.ts';

/**
 * Writes each group of a batch to a file of its own. Where one of them fails, the whole batch does: sent again, the other
 * groups are written twice.
 */
export class GroupedFileSink implements Sink {
  readonly guarantee: 'memory' | 'safe';
  readonly strengthenedBy = 'fsync: true';
  readonly #settings: FileExporterConfig;
  readonly #host: ExporterHost;
  readonly #fs: FileSystem;
  readonly #pool: WriterPool;
  #recipients: readonly AgeRecipient[] = [];
  #isOpen = false;

  constructor(settings: FileExporterConfig, host: ExporterHost, fs: FileSystem = diskFileSystem) {
    this.guarantee = settings.fsync ? 'safe' : 'memory';
    this.#settings = settings;
    this.#host = host;
    this.#fs = fs;
    this.#pool = new WriterPool((path) => this.#writer(path), settings.group_by.max_open_files);
  }

  async start(): Promise<void> {
    const { path, encryption, directory_permissions } = this.#settings;
    if (encryption !== undefined) this.#recipients = await readRecipients(encryption, this.#fs);
    // Which files there will be, data decides; that there can be any is known now.
    const directory = dirname(groupPath(path, 'any'));
    try {
      await this.#fs.makeDirectory(directory, Number.parseInt(directory_permissions ?? '0755', 8));
    } catch (error) {
      throw startError(path, error);
    }
    this.#isOpen = true;
    this.#host.announce('writes', path);
  }

  async send({ bytes, abort }: Outgoing): Promise<void> {
    if (!this.#isOpen) throw retryable('the file exporter is not running', { code: 'FILE_CLOSED' });
    const writes = splitGroups(bytes).map((group) =>
      this.#pool.with(groupPath(this.#settings.path, group.name), (writer) => writer.write(group.bytes, abort)),
    );
    // The memory is the sender's again when this settles: no write may be under way any more.
    const outcomes = await Promise.allSettled(writes);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async shutdown(): Promise<void> {
    this.#isOpen = false;
    await this.#pool.finish();
  }

  async #writer(path: string): Promise<FileWriter> {
    const writer = new FileWriter({
      path,
      settings: this.#settings,
      // A file that was closed to make room for others must not lose what it has.
      isContinued: true,
      recipients: this.#recipients,
      fs: this.#fs,
      host: this.#host,
    });
    try {
      await writer.start();
    } catch (error) {
      // A name that cannot be a file must not end the collector.
      throw retryable((error as Error).message, { code: 'FILE_OPEN', cause: error });
    }
    return writer;
  }
}
