import type { LogFields, Logger } from '@millrace/api';
import { formatProblems, type LoadedConfig } from '@millrace/config';
import { createLogger, hideSecrets, silentLogger } from '@millrace/engine';

/** The log of an embedded collector: where its program wants it, without the secrets of any configuration there was. */
export class GuestLog {
  readonly #given: Logger | 'silent' | undefined;
  readonly #secrets = new Set<string>();
  #loaded: LoadedConfig | undefined;
  #current: Logger = silentLogger;

  constructor(given: Logger | 'silent' | undefined) {
    this.#given = given;
  }

  /** The same for all its life; what is behind it follows the configuration. */
  readonly logger: Logger = {
    debug: (message, fields) => this.#current.debug(message, fields),
    info: (message, fields) => this.#current.info(message, fields),
    warn: (message, fields) => this.#current.warn(message, fields),
    error: (message, fields) => this.#current.error(message, fields),
  };

  /** Hides the secrets of a configuration, and tells what is doubtful about it: its components speak before it is in effect. */
  announce(loaded: LoadedConfig): void {
    for (const secret of loaded.secrets) this.#secrets.add(secret);
    this.#current = this.#loggerOf(this.#loaded ?? loaded);
    for (const warning of loaded.warnings) this.logger.warn(formatProblems([warning]));
  }

  /** Writes as this configuration says from now on. */
  follow(loaded: LoadedConfig): void {
    this.#loaded = loaded;
    this.#current = this.#loggerOf(loaded);
  }

  #loggerOf({ config }: LoadedConfig): Logger {
    if (this.#given === 'silent') return silentLogger;
    if (this.#given !== undefined) return hiding(this.#given, hideSecrets(this.#secrets));
    const { level, encoding, initialFields } = config.service.telemetry.logs;
    return createLogger({
      level: level === 'error' ? 'error' : 'warn',
      encoding,
      fields: initialFields,
      secrets: this.#secrets,
      now: Date.now,
      write: (line) => void process.stderr.write(line),
    });
  }
}

/** The same logger, which gets no secrets, in whatever fields. */
function hiding(logger: Logger, hidden: (text: string) => string): Logger {
  const hide = (value: unknown): unknown => {
    if (typeof value === 'string') return hidden(value);
    if (Array.isArray(value)) return value.map(hide);
    if (value instanceof Error) return hidden(value.message);
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner)]));
  };
  const log = (level: keyof Logger) => (message: string, fields?: LogFields) => {
    const text = hidden(message);
    if (fields === undefined) logger[level](text);
    else logger[level](text, hide(fields) as LogFields);
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}
