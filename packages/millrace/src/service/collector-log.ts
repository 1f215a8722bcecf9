import type { Logger } from '@millrace/api';
import type { LoadedConfig } from '@millrace/config';
import { createLogger } from '@millrace/engine';
import type { LiveLine } from '../display/live-line.ts';

/** The collector's own log, on the standard error, as the configuration in effect wants it. */
export class CollectorLog {
  #loaded: LoadedConfig;
  #current: Logger;
  /** Of every configuration there was: old components may still log. */
  readonly #secrets = new Set<string>();
  #live: LiveLine | undefined;

  constructor(loaded: LoadedConfig) {
    this.#loaded = loaded;
    for (const secret of loaded.secrets) this.#secrets.add(secret);
    this.#current = this.#loggerOf(loaded);
  }

  /** The same for all its life; what is behind it follows the configuration. */
  readonly logger: Logger = {
    debug: (message, fields) => this.#current.debug(message, fields),
    info: (message, fields) => this.#current.info(message, fields),
    warn: (message, fields) => this.#current.warn(message, fields),
    error: (message, fields) => this.#current.error(message, fields),
  };

  /** Writes above a live display from now on, or plainly. */
  above(live: LiveLine | undefined): void {
    this.#live = live;
  }

  /** Shows whole lines for people, above a live display or on the standard output. */
  print(text: string): void {
    if (this.#live === undefined) process.stdout.write(text);
    else this.#live.above(text);
  }

  /** Hides these from now on: components of a configuration speak before it is in effect. */
  hide(secrets: ReadonlySet<string>): void {
    for (const secret of secrets) this.#secrets.add(secret);
    this.#current = this.#loggerOf(this.#loaded);
  }

  follow(loaded: LoadedConfig): void {
    this.#loaded = loaded;
    this.hide(loaded.secrets);
  }

  #loggerOf({ config }: LoadedConfig): Logger {
    const { level, encoding, initialFields } = config.service.telemetry.logs;
    const display = process.stdout.isTTY;
    return createLogger({
      // With a live display, the lines that tell of normal operation would only hide it.
      level: display && level === 'info' ? 'warn' : level,
      encoding: display ? 'console' : encoding,
      fields: initialFields,
      secrets: this.#secrets,
      now: Date.now,
      write: (line) => (this.#live === undefined ? process.stderr.write(line) : this.#live.above(line)),
    });
  }
}
