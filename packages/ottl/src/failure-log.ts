import type { ErrorMode } from './program.ts';

/** A line is written at most this often; failures between lines are counted in the next. */
const LINE_INTERVAL_NANOS = 10_000_000_000n;
/** Sources that are told apart between two lines; configurations have fewer. */
const SOURCES_MAX = 1_000;

export interface FailureLogOptions {
  /** Nanoseconds since 1970. */
  readonly now: () => bigint;
  /** Writes a line. */
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

interface Failures {
  count: number;
  readonly first: Error;
}

/**
 * What the hosts of statements do with errors in each error mode. Those that are ignored are counted for each record, which
 * costs little, and told in a few lines: call `report` after each batch.
 */
export class FailureLog {
  private readonly options: FailureLogOptions;
  private readonly failures = new Map<string, Failures>();
  private nextLineAt = 0n;

  constructor(options: FailureLogOptions) {
    this.options = options;
  }

  /** How to compile for an error mode. `refuse` makes the error that refuses the batch, in the mode `propagate`. */
  handling(errorMode: ErrorMode, refuse: (error: Error, source: string) => Error) {
    if (errorMode === 'silent') return { errorMode } as const;
    const onError =
      errorMode === 'ignore'
        ? (error: Error, source: string) => this.note(error, source)
        : (error: Error, source: string) => {
            throw refuse(error, source);
          };
    return { errorMode: 'ignore', onError } as const;
  }

  private note(error: Error, source: string): void {
    const known = this.failures.get(source);
    if (known !== undefined) known.count++;
    else if (this.failures.size < SOURCES_MAX) this.failures.set(source, { count: 1, first: error });
  }

  report(): void {
    if (this.failures.size === 0) return;
    const now = this.options.now();
    if (now < this.nextLineAt) return;
    this.nextLineAt = now + LINE_INTERVAL_NANOS;
    for (const [source, { count, first }] of this.failures)
      this.options.warn('OTTL failed, and went on with the next', { source, failures: count, error: first.message });
    this.failures.clear();
  }
}
