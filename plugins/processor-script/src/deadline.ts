import { Script } from 'node:vm';
import { permanent, retryable } from '@millrace/api';

/** For what a script does outside of its functions. */
export const LOAD_MS = 5_000;
/** Work that had hardly got the processor is not at fault: the machine is busy. */
const BUSY_SHARE = 0.1;
const MICROS_PER_MS = 1_000;

/** Where the virtual machine finds what it is to call: it takes text only. */
const ENTRY = Symbol.for('millrace.processor-script.entry');
const GLOBAL = globalThis as { [ENTRY]?: (() => void) | undefined };

/**
 * Runs work that may not end. The virtual machine stops it wherever it is, so that nothing it had in hand can be used any
 * more. Costs 0.07 ms a run; once for each batch.
 */
export class Deadline {
  readonly #limitMs: number;
  #call: Script | undefined;

  /** 0: there is none. */
  constructor(limitMs: number) {
    // The virtual machine counts whole milliseconds.
    this.#limitMs = Math.ceil(limitMs);
  }

  /**
   * @throws DeliveryError when the time is over, permanent unless the thread got no processor for most of it; and what the work
   * throws
   */
  run(work: () => void): void {
    if (this.#limitMs === 0) {
      work();
      return;
    }
    this.#call ??= new Script('globalThis[Symbol.for("millrace.processor-script.entry")]()');
    GLOBAL[ENTRY] = work;
    const before = process.threadCpuUsage();
    try {
      this.#call.runInThisContext({ timeout: this.#limitMs });
    } catch (error) {
      if ((error as { code?: unknown } | null | undefined)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw this.#timeout(process.threadCpuUsage(before));
    } finally {
      GLOBAL[ENTRY] = undefined;
    }
  }

  #timeout({ user, system }: NodeJS.CpuUsage): Error {
    const busyMs = (user + system) / MICROS_PER_MS;
    const message = `the script did not end within its deadline of ${this.#limitMs} ms`;
    if (busyMs >= BUSY_SHARE * this.#limitMs) return permanent(message, { code: 'SCRIPT_DEADLINE' });
    const why = `${message}: it got the processor for ${Math.round(busyMs)} ms only`;
    return retryable(why, { code: 'SCRIPT_STARVED' });
  }
}
