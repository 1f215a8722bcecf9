import type { LogFields, Logger } from '@millrace/api';
import type { Trace } from './trace.ts';

/** What the collectors of a simulation say in their logs, as far as the oracle asks. */
export class LogBook implements Logger {
  /** Items that a component said it gave up, by its id. */
  readonly givenUp = new Map<string, number>();
  /** Items that processors said they dropped. */
  dropped = 0;
  /** Items that exporters said they left when they stopped, be it for a reload. */
  left = 0;
  /** Reports of damage on disk. */
  damage = 0;
  readonly #trace: Trace;
  readonly #lives: () => boolean;

  constructor(trace: Trace, lives: () => boolean) {
    this.#trace = trace;
    this.#lives = lives;
  }

  debug(): void {}

  info(message: string, fields?: LogFields): void {
    this.#keep('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#keep('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#keep('error', message, fields);
  }

  #keep(level: string, message: string, fields: LogFields = {}): void {
    if (!this.#lives()) return;
    const { component, items, code, kind, reason, error } = fields as Record<string, string | number | undefined>;
    const known = Object.entries({ component, items, code, reason, error }).filter(([, value]) => value !== undefined);
    this.#trace.note(`log ${level}: ${message} ${known.map(([key, value]) => `${key}=${value}`).join(' ')}`.trimEnd());
    const id = String(component);
    if (message === 'data was given up') this.givenUp.set(id, (this.givenUp.get(id) ?? 0) + Number(items));
    if (message.startsWith('shut down before')) this.left += Number(items ?? 0);
    if (message.startsWith('dropping')) this.dropped += Number(items ?? 0);
    // A last record that is damaged looks like one that was half written.
    const isDamage = level !== 'info' || message.startsWith('half-written');
    if (kind === 'extension' && isDamage) this.damage += 1;
  }
}
