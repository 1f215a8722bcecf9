import { createHash } from 'node:crypto';
import { readFile, rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FileIdentity, identityOf, isSameFile } from './file-identity.ts';

/** What is known of one file. */
interface Sent extends FileIdentity {
  readonly entries: number;
}

/** What was sent of a source, to one destination, by one condition: kept beside the source, so that a replay can go on. */
export class ReplayProgress {
  readonly #file: string;
  readonly #sent: Map<string, Sent>;

  private constructor(file: string, sent: Map<string, Sent>) {
    this.#file = file;
    this.#sent = sent;
  }

  /** `purpose`: what tells one replay of a source from another one. */
  static async open(
    source: { readonly path: string; readonly isDirectory: boolean },
    purpose: readonly string[],
    options: { readonly file: string | undefined; readonly again: boolean },
  ): Promise<ReplayProgress> {
    const id = createHash('sha256').update(JSON.stringify(purpose)).digest('hex').slice(0, 12);
    const beside = source.isDirectory
      ? path.join(source.path, `.replay-${id}.json`)
      : path.join(path.dirname(source.path), `.${path.basename(source.path)}.replay-${id}.json`);
    const file = options.file ?? beside;
    const sent = options.again ? new Map<string, Sent>() : await read(file);
    return new ReplayProgress(file, sent);
  }

  /** How many entries of a file need not be sent again. Another file that has its name by now begins anew. */
  async begin({ name, path }: { readonly name: string; readonly path: string }): Promise<number> {
    const known = this.#sent.get(name);
    if (known !== undefined && (await isSameFile(path, known))) return known.entries;
    this.#sent.set(name, { ...(await identityOf(path)), entries: 0 });
    return 0;
  }

  /** The first so many entries of a file that was begun are dealt with. */
  set(name: string, entries: number): void {
    this.#sent.set(name, { ...(this.#sent.get(name) as Sent), entries });
  }

  /** The file is gone. */
  forget(name: string): void {
    this.#sent.delete(name);
  }

  /** Losing it costs duplicates, not data: it is not synced. */
  async save(): Promise<void> {
    if (this.#sent.size === 0) {
      await unlink(this.#file).catch(() => undefined);
      return;
    }
    const temporary = `${this.#file}.new`;
    const text = JSON.stringify({ version: 1, sent: Object.fromEntries(this.#sent) });
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, this.#file);
  }
}

async function read(file: string): Promise<Map<string, Sent>> {
  try {
    const { sent } = JSON.parse(await readFile(file, 'utf8')) as { readonly sent: Record<string, Sent> };
    return new Map(Object.entries(sent));
  } catch {
    return new Map();
  }
}
