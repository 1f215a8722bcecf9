import type { LogFields, Logger } from '@millrace/api';
import type { Trace } from './trace.ts';

/** What the collectors of a simulation say in their logs, as far as the oracle asks. */
export class LogBook implements Logger {
  /** Items that a component said it gave up, by its id. */
  readonly givenUp = new Map<string, number>();
  /** Items that processors said they dropped. */
  dropped = 0;
  /** Items that a component said it left when it stopped, be it for a reload, by its id. */
  readonly left = new Map<string, number>();
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
    if (message === 'data was given up') add(this.givenUp, id, Number(items));
    if (message.startsWith('shut down before')) add(this.left, id, Number(items ?? 0));
    if (message.startsWith('dropping')) {
      if (code === 'SHUTDOWN') add(this.left, id, Number(items ?? 0));
      else this.dropped += Number(items ?? 0);
    }
    if (kind === 'extension' && level !== 'info') this.damage += 1;
  }
}

function add(counts: Map<string, number>, id: string, count: number): void {
  counts.set(id, (counts.get(id) ?? 0) + count);
}
