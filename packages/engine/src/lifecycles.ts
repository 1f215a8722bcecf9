import { type Clock, ComponentError, type Kind, type Lifecycle, type Logger, messageOf } from '@millrace/api';
import { before } from './deadline.ts';
import type { StallWatch } from './stall-watch.ts';
import type { StatusBoard } from './status-board.ts';

/** A component of the running graph that has a life of its own. */
export interface Living {
  readonly kind: Kind;
  readonly id: string;
  readonly lifecycle: Lifecycle;
}

export interface LifecyclesSettings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly status: StatusBoard;
  readonly stalls: StallWatch;
}

/** Starts and stops components, in time, and says how they are. */
export class Lifecycles {
  readonly #settings: LifecyclesSettings;
  /** Resolved when a shutdown is asked for, which may be during a start. */
  readonly #interrupted = Promise.withResolvers<void>();
  #isInterrupted = false;

  constructor(settings: LifecyclesSettings) {
    this.#settings = settings;
  }

  /** Nothing is started any more; what is starting is given up. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#interrupted.resolve();
  }

  /** Throws a ComponentError that names the component. */
  async start({ kind, id, lifecycle }: Living, timeoutMs: number): Promise<void> {
    const { status } = this.#settings;
    status.set({ kind, id, status: 'starting' });
    try {
      await this.#begun({ kind, id, lifecycle }, timeoutMs);
    } catch (error) {
      status.set({ kind, id, status: 'permanent_error', message: messageOf(error) });
      const remedy = error instanceof ComponentError ? error.remedy : undefined;
      const code = error instanceof ComponentError ? error.code : 'START';
      throw new ComponentError(`cannot start ${kind} "${id}": ${messageOf(error)}`, {
        code,
        cause: error,
        ...(remedy === undefined ? {} : { remedy }),
      });
    }
    // A component may have said something about itself while it started.
    const said = status.components().find((report) => report.kind === kind && report.id === id);
    if (said?.status === 'starting') status.set({ kind, id, status: 'ok' });
  }

  /** Never rejects. `isReplaced`: another component of this name runs, and its status stays. */
  async stop({ kind, id, lifecycle }: Living, { isReplaced } = { isReplaced: false }): Promise<void> {
    const { status, logger } = this.#settings;
    if (!isReplaced) status.set({ kind, id, status: 'stopping' });
    try {
      await lifecycle.shutdown?.();
    } catch (error) {
      logger.error('component failed to stop', { kind, component: id, reason: messageOf(error) });
    }
    if (!isReplaced) status.set({ kind, id, status: 'stopped' });
  }

  #stopIfInterrupted(): void {
    if (!this.#isInterrupted) return;
    throw new ComponentError('a shutdown was asked for while it started', { code: 'START_INTERRUPTED' });
  }

  async #begun({ kind, id, lifecycle }: Living, timeoutMs: number): Promise<void> {
    const { clock, stalls } = this.#settings;
    const call = { kind, id, call: 'start', limitMs: START_LIMIT_MS } as const;
    this.#stopIfInterrupted();
    const work = stalls.watch(call, () => lifecycle.start?.());
    work.catch(() => undefined); // What it says after it was given up does not matter any more.
    const interrupted = this.#interrupted.promise;
    const isOver = await before(clock, clock.monotonic() + timeoutMs, Promise.race([work, interrupted]));
    this.#stopIfInterrupted();
    if (isOver) return;
    throw new ComponentError(`it did not finish starting within ${timeoutMs / 1000} s`, {
      code: 'START_TIMEOUT',
      remedy: 'look at what it waits for; if it needs longer, raise service.start_timeout',
    });
  }
}

/** A component that is still starting by then is named. */
const START_LIMIT_MS = 10_000;
