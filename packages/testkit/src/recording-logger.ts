import type { LogFields, Logger } from '@millrace/api';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of a {@link RecordingLogger}. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps what is logged. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[] = [];

  debug = (message: string, fields?: LogFields): void => this.#keep('debug', message, fields);
  info = (message: string, fields?: LogFields): void => this.#keep('info', message, fields);
  warn = (message: string, fields?: LogFields): void => this.#keep('warn', message, fields);
  error = (message: string, fields?: LogFields): void => this.#keep('error', message, fields);

  messages(level: LogLevel): readonly string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }

  /** Sum of a numeric field over the lines of a level that have it. */
  sum(level: LogLevel, field: string): number {
    let sum = 0;
    for (const line of this.lines) {
      const value = line.fields[field];
      if (line.level === level && typeof value === 'number') sum += value;
    }
    return sum;
  }

  #keep(level: LogLevel, message: string, fields: LogFields = {}): void {
    this.lines.push({ level, message, fields });
  }
}

const silent = (): void => undefined;

/** Says nothing. */
export const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
