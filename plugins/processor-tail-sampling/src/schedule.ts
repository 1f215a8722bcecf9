import type { Clock } from '@millrace/api';
import type { HeldTrace } from './held-trace.ts';

/** Decisions that are due within this time are made together. */
const TICK_MS = 100;

/** Which traces are due when. One timer runs, for the earliest; it calls `onDue`, which takes what is due. */
export class Schedule {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #ticks = new Map<number, Set<HeldTrace>>();
  #timer: { readonly tick: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Sets a trace's time, or brings it forward; one that is due sooner stays. `atMs` is on the monotonic clock. */
  set(trace: HeldTrace, atMs: number): void {
    const tick = Math.ceil(atMs / TICK_MS);
    const before = this.#ticks.get(trace.dueTick);
    if (before?.has(trace) === true) {
      if (trace.dueTick <= tick) return;
      this.delete(trace);
    }
    trace.dueTick = tick;
    const traces = this.#ticks.get(tick);
    if (traces !== undefined) traces.add(trace);
    else this.#ticks.set(tick, new Set([trace]));
    if (this.#timer === undefined || tick < this.#timer.tick) this.#arm(tick);
  }

  delete(trace: HeldTrace): void {
    const traces = this.#ticks.get(trace.dueTick);
    if (traces?.delete(trace) === true && traces.size === 0) this.#ticks.delete(trace.dueTick);
  }

  /** Takes out the trace that is due first, if it is due now, or whatever its time with `untilMs` of Infinity. */
  take(untilMs = this.#clock.monotonic()): HeldTrace | undefined {
    const tick = this.#earliest();
    if (tick === undefined || tick * TICK_MS > untilMs) return undefined;
    const [trace] = this.#ticks.get(tick) as Set<HeldTrace>;
    this.delete(trace);
    return trace;
  }

  /** Sets the timer for what is due first. To be called when `onDue` has taken what it wanted. */
  rearm(): void {
    const tick = this.#earliest();
    if (tick === undefined) this.stop();
    else this.#arm(tick);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #earliest(): number | undefined {
    if (this.#ticks.size === 0) return undefined;
    let earliest = Infinity;
    for (const tick of this.#ticks.keys()) if (tick < earliest) earliest = tick;
    return earliest;
  }

  #arm(tick: number): void {
    this.stop();
    const delayMs = Math.max(0, tick * TICK_MS - this.#clock.monotonic());
    const cancel = this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#onDue();
    });
    this.#timer = { tick, cancel };
  }
}
