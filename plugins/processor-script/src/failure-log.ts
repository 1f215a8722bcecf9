import type { StepTools } from '@millrace/api';
import { describeFailure } from './script-error.ts';
import type { ScriptSource } from './script-source.ts';

/** A line is written at most this often; failures between lines are counted in the next. */
const LINE_INTERVAL_NANOS = 10_000_000_000n;

/** What a script threw and went on after: counted for each item, told in a few lines. */
export class FailureLog {
  readonly #tools: StepTools;
  readonly #tells: boolean;
  #first: { readonly error: unknown; readonly source: ScriptSource } | undefined;
  /** Since the last line. */
  #untold = 0;
  /** Since the last report. */
  #uncounted = 0;
  #nextLineAt = 0n;

  constructor(tools: StepTools, errorMode: 'ignore' | 'silent') {
    this.#tools = tools;
    this.#tells = errorMode === 'ignore';
  }

  note(error: unknown, source: ScriptSource): void {
    this.#uncounted++;
    this.#untold++;
    this.#first ??= { error, source };
  }

  /** After each batch. */
  report(): void {
    if (this.#uncounted > 0) this.#tools.count('processor_script_errors', this.#uncounted);
    this.#uncounted = 0;
    if (this.#first === undefined || !this.#tells) return;
    const now = this.#tools.nowUnixNano();
    if (now < this.#nextLineAt) return;
    this.#nextLineAt = now + LINE_INTERVAL_NANOS;
    const { error, source } = this.#first;
    const fields = { failures: this.#untold, error: describeFailure(error, source) };
    this.#tools.logger.warn('the script failed, and went on with the next', fields);
    this.#first = undefined;
    this.#untold = 0;
  }
}
