import type { Labels, Logger, LogFields, Telemetry } from '@millrace/api';

interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps what is logged and measured. */
export class Recorder {
  readonly lines: LogLine[] = [];
  readonly logger: Logger = {
    debug: (message, fields) => this.#log('debug', message, fields),
    info: (message, fields) => this.#log('info', message, fields),
    warn: (message, fields) => this.#log('warn', message, fields),
    error: (message, fields) => this.#log('error', message, fields),
  };
  readonly telemetry: Telemetry = {
    counter: (name) => ({ add: (value, labels) => this.#add(name, value, labels) }),
    histogram: (name) => ({ record: (_, labels) => this.#add(`${name}:count`, 1, labels) }),
    gauge: (name, options, observe) => {
      const key = keyOf(name, options.labels);
      this.#gauges.set(key, observe);
      return () => void this.#gauges.delete(key);
    },
  };
  readonly #sums = new Map<string, number>();
  readonly #gauges = new Map<string, () => number>();

  /** Value of a counter or gauge, written as in Prometheus: `name{label="value"}`; 0 for an unknown counter. */
  value(key: string): number | undefined {
    return this.#gauges.get(key)?.() ?? this.#sums.get(key) ?? 0;
  }

  /** Names of the gauges that are observed at present. */
  get gauges(): readonly string[] {
    return [...this.#gauges.keys()];
  }

  messages(level: LogLine['level']): readonly string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }

  #log(level: LogLine['level'], message: string, fields: LogFields = {}): void {
    this.lines.push({ level, message, fields });
  }

  #add(name: string, value: number, labels: Labels | undefined): void {
    const key = keyOf(name, labels);
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + value);
  }
}

function keyOf(name: string, labels: Labels = {}): string {
  const inner = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return inner.length === 0 ? name : `${name}{${inner.join(',')}}`;
}
