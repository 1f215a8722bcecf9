import type { Writable } from 'node:stream';
import type { LogFields, Logger } from '@millrace/api';

/** What the destination of a replay complains of: each reason once, with the component that it comes from. */
export class DestinationLog implements Logger {
  readonly #stderr: Writable;
  readonly #said = new Set<string>();

  constructor(stderr: Writable) {
    this.#stderr = stderr;
  }

  debug(): void {}

  /** Only of failures: that something is tried again. */
  info(message: string, fields: LogFields = {}): void {
    if (reasonOf(fields) !== undefined) this.warn(message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    const { kind, component } = fields;
    const reason = reasonOf(fields);
    const key = reason ?? message;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    const who = typeof component === 'string' ? `${String(kind)} "${component}": ` : '';
    this.#stderr.write(`millrace replay: ${who}${message}${reason === undefined ? '' : `: ${reason}`}\n`);
  }

  error(message: string, fields: LogFields = {}): void {
    this.warn(message, fields);
  }
}

function reasonOf({ error, reason }: LogFields): string | undefined {
  return typeof error === 'string' ? error : typeof reason === 'string' ? reason : undefined;
}
