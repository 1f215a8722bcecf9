import { readFile, stat } from 'node:fs/promises';
import { type Clock, ComponentError, type Logger, readErrorText } from '@millrace/api';

/** Time between looks at the file. */
const LOOK_MS = 1_000;

/**
 * The text of a small file, such as a token, that is read again when it has changed. A file that cannot be read any more
 * leaves the last text in use.
 */
export class WatchedText {
  readonly #options: WatchedTextOptions;
  #text = '';
  #seen = '';
  #stopped = false;
  #cancel: () => void = () => undefined;

  constructor(options: WatchedTextOptions) {
    this.#options = options;
  }

  get text(): string {
    return this.#text;
  }

  /** Reads it. Throws a ComponentError when it cannot be read. */
  async start(): Promise<void> {
    const { file, what } = this.#options;
    try {
      await this.#read();
    } catch (cause) {
      const [why = '', remedy = 'check that it is a readable file'] = readErrorText(cause).split('; ');
      throw new ComponentError(`cannot read ${what} "${file}": ${why}`, { code: 'FILE_UNREADABLE', remedy, cause });
    }
    this.#arm();
  }

  shutdown(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(LOOK_MS, () => void this.#look().finally(() => this.#arm()));
  }

  async #look(): Promise<void> {
    const { file, what, logger } = this.#options;
    try {
      if (await this.#read()) logger.info(`${what} was read again`, { file });
    } catch (error) {
      if (this.#seen !== '')
        logger.error(`${what} cannot be read; what was read before stays in use`, {
          file,
          reason: readErrorText(error),
        });
      this.#seen = '';
    }
  }

  /** Whether it was read, as it had changed. */
  async #read(): Promise<boolean> {
    const { file, onChange } = this.#options;
    const { mtimeMs, ino, size } = await stat(file);
    const seen = `${mtimeMs}/${ino}/${size}`;
    if (seen === this.#seen) return false;
    this.#text = await readFile(file, 'utf8');
    onChange?.(this.#text);
    this.#seen = seen;
    return true;
  }
}

export interface WatchedTextOptions {
  readonly file: string;
  /** For messages: `the token file`. */
  readonly what: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with each new text. One that throws ends the start, or later leaves what was there before in use. */
  readonly onChange?: (text: string) => void;
}
