import type { LogFields, Logger } from '@millrace/api';
import { formatProblems, type LoadedConfig } from '@millrace/config';
import { createLogger } from '@millrace/engine';

/** The log of an embedded collector: where its program wants it, without the secrets of any configuration there was. */
export class GuestLog {
  readonly #given: Logger | 'silent' | undefined;
  readonly #secrets = new Set<string>();
  #loaded: LoadedConfig | undefined;
  #current: Logger = SILENT;

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
    for (const secret of loaded.secrets) if (secret.length >= SECRET_CHARACTERS_MIN) this.#secrets.add(secret);
    this.#current = this.#loggerOf(this.#loaded ?? loaded);
    for (const warning of loaded.warnings) this.logger.warn(formatProblems([warning]));
  }

  /** Writes as this configuration says from now on. */
  follow(loaded: LoadedConfig): void {
    this.#loaded = loaded;
    this.#current = this.#loggerOf(loaded);
  }

  #loggerOf({ config }: LoadedConfig): Logger {
    if (this.#given === 'silent') return SILENT;
    if (this.#given !== undefined) return hiding(this.#given, this.#secrets);
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

const nothing = (): void => undefined;
const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Shorter secrets would be found everywhere in harmless text. */
const SECRET_CHARACTERS_MIN = 6;

function hiding(logger: Logger, secrets: ReadonlySet<string>): Logger {
  const hide = (value: unknown): unknown => {
    if (typeof value === 'string') return hidden(value, secrets);
    if (Array.isArray(value)) return value.map(hide);
    if (value instanceof Error) return hidden(value.message, secrets);
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner)]));
  };
  const log = (level: keyof Logger) => (message: string, fields?: LogFields) => {
    const text = hidden(message, secrets);
    if (fields === undefined) logger[level](text);
    else logger[level](text, hide(fields) as LogFields);
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

function hidden(text: string, secrets: ReadonlySet<string>): string {
  let left = text;
  for (const secret of secrets) left = left.replaceAll(secret, '[REDACTED]');
  return left;
}
