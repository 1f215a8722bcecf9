import { isRetryable } from '@millrace/api';
import type { DeliveryError } from '@millrace/api';
import { GrindSession } from './grind-session.ts';
import type { GrindResult, JobSpec, Mill, MillStats, Part, Priority } from './mill.ts';
import type { MillSettings } from './mill-settings.ts';
import { PlanEntries } from './plan-entry.ts';
import type { PlanEntry } from './plan-entry.ts';
import type { Plan } from './plan.ts';
import type { Capture, ObserveOptions } from './plan-observers.ts';
import { PriorityQueue } from './priority-queue.ts';
import { startTidying } from './tidying.ts';
import { Utilisation } from './utilisation.ts';
import { Workshop } from './workshop.ts';

/**
 * The mill without workers: grinds run on the calling thread, one per turn of the event loop, so that requests gather
 * and are answered meanwhile. What it puts out is what workers would; but nothing can end a step that runs forever or
 * takes all memory: `deadlineMs` and `heapMb` need workers.
 */
export class InlineMill implements Mill {
  readonly #settings: MillSettings;
  readonly #queue = new PriorityQueue<() => void>();
  readonly #utilisation = new Utilisation(1);
  #entries = new PlanEntries([]);
  #workshop: Workshop | undefined;
  readonly #stopTidying: () => void;
  #scheduled = false;
  #idle: (() => void)[] = [];

  constructor(settings: MillSettings) {
    this.#settings = settings;
    this.#stopTidying = startTidying(() => settings.arena.trim());
  }

  async start(plans: readonly Plan[]): Promise<void> {
    const { logger, now } = this.#settings;
    const entries = new PlanEntries(plans);
    this.#workshop = await Workshop.open({
      plans,
      shared: false,
      loggerOf: () => logger,
      ...(now === undefined ? {} : { now }),
    });
    this.#entries = entries;
  }

  grind(planId: string, parts: readonly Part[], options: { readonly priority: Priority }): Promise<GrindResult> {
    const entry = this.#entries.get(planId);
    const submittedAt = performance.now();
    return new Promise((resolve, reject) => {
      this.#push(options.priority, () => {
        try {
          resolve(this.#grind(entry, parts, performance.now() - submittedAt));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  run(job: JobSpec, input: Uint8Array, params: unknown): Promise<Uint8Array> {
    return new Promise((resolve) => {
      // A view of the input may come back, which the caller does not own.
      this.#push('normal', () =>
        resolve(
          this.#opened()
            .run(job, input, params)
            .then((output) => (output.buffer === input.buffer ? output.slice() : output)),
        ),
      );
    });
  }

  observe(options: ObserveOptions, onCapture: (capture: Capture) => void): () => void {
    return this.#entries.get(options.plan).observe(options, onCapture, this.#settings.logger);
  }

  ping(): Promise<void> {
    return new Promise((resolve) => this.#push('high', resolve));
  }

  get stats(): MillStats {
    return {
      threads: 0,
      running: 0,
      waiting: this.#queue.size,
      utilisation: () => this.#utilisation.read(),
      workersLost: 0,
      plugins: [],
    };
  }

  async shutdown(): Promise<void> {
    if (this.#queue.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#stopTidying();
  }

  #grind(entry: PlanEntry, parts: readonly Part[], waitMs: number): GrindResult {
    let session: GrindSession;
    try {
      session = new GrindSession(entry, parts, this.#settings.arena);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      return GrindSession.refused(parts, error as DeliveryError);
    }
    const started = this.#utilisation.begin();
    const lease = session.lease();
    const look = entry.look();
    try {
      const ground = this.#opened().grinder.grind({
        plan: this.#opened().plans[entry.index],
        inputs: session.inputs.map((region) => region.bytes),
        forms: parts.map((part) => part.form),
        contexts: session.contexts,
        contextList: session.contextList,
        excluded: [],
        lease: lease?.bytes ?? EMPTY,
        look: look?.lens,
      });
      look?.deliver(ground.captures);
      this.#settings.onGrind?.(session.report(ground, waitMs));
      return session.result(ground, lease);
    } finally {
      session.end();
      this.#utilisation.end(started);
    }
  }

  #push(priority: Priority, work: () => void): void {
    this.#opened();
    this.#queue.push(work, priority);
    if (!this.#scheduled) this.#schedule();
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(() => {
      this.#queue.shift()?.();
      if (this.#queue.size > 0) {
        this.#schedule();
        return;
      }
      this.#scheduled = false;
      for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  #opened(): Workshop {
    if (this.#workshop === undefined) throw new Error('the mill was not started');
    return this.#workshop;
  }
}

const EMPTY = new Uint8Array(0);
