import type { Clock, Kind, Logger } from '@millrace/api';
import type { StatusBoard } from './status-board.ts';

/** A call of a component. */
export interface WatchedCall {
  readonly kind: Kind;
  readonly id: string;
  /** `start`, `send`, `consume`. */
  readonly call: string;
  /** From then on it is said. */
  readonly limitMs: number;
}

export interface StallWatchSettings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly status: StatusBoard;
}

/**
 * Names components that do not come back. Nothing can end a call whose promise never settles; but people must know
 * where to look, before queues are full. Said once for each component and call until it has no overdue call any more.
 */
export class StallWatch {
  readonly #settings: StallWatchSettings;
  readonly #open = new Map<string, OpenCalls>();
  #isTicking = false;

  constructor(settings: StallWatchSettings) {
    this.#settings = settings;
  }

  /** The same promise, watched until it settles. */
  async watch<T>(call: WatchedCall, work: () => T | Promise<T>): Promise<T> {
    const calls = this.#callsOf(call);
    const since = { monotonicMs: this.#settings.clock.monotonic() };
    calls.since.add(since);
    this.#tick();
    try {
      return await work();
    } finally {
      calls.since.delete(since);
      this.#review(calls);
    }
  }

  /** The calls that have not come back. */
  get openCalls(): readonly WatchedCall[] {
    return [...this.#open.values()].filter(({ since }) => since.size > 0).map(({ call }) => call);
  }

  #callsOf(call: WatchedCall): OpenCalls {
    const key = `${call.kind} ${call.id} ${call.call}`;
    let calls = this.#open.get(key);
    if (calls === undefined) this.#open.set(key, (calls = { call, since: new Set(), isOverdue: false }));
    return calls;
  }

  /** Looks again and again while something is open. */
  #tick(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    this.#settings.clock.after(PERIOD_MS, () => {
      this.#isTicking = false;
      for (const calls of this.#open.values()) this.#review(calls);
      if ([...this.#open.values()].some(({ since }) => since.size > 0)) this.#tick();
    });
  }

  #review(calls: OpenCalls): void {
    const { clock, logger, status } = this.#settings;
    const { call, since } = calls;
    const [oldest] = since;
    const openMs = oldest === undefined ? 0 : clock.monotonic() - oldest.monotonicMs;
    const isOverdue = openMs >= call.limitMs;
    if (isOverdue === calls.isOverdue) return;
    calls.isOverdue = isOverdue;
    const { kind, id } = call;
    const fields = { kind, component: id, call: call.call, open: since.size };
    if (isOverdue) {
      const message = `${call.call} has not come back for ${Math.round(openMs / 1000)} s`;
      logger.warn(`component does not answer: ${message}`, fields);
      if (call.call === 'send') status.set({ kind, id, status: 'recoverable_error', message });
      return;
    }
    logger.info('component answers again', fields);
    if (call.call === 'send') status.set({ kind, id, status: 'ok' });
  }
}

interface OpenCalls {
  readonly call: WatchedCall;
  /** When its open calls began, oldest first. */
  readonly since: Set<{ readonly monotonicMs: number }>;
  isOverdue: boolean;
}

const PERIOD_MS = 2_500;
