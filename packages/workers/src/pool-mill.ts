import { ComponentError, DeliveryError, isRetryable, messageOf, permanent } from '@millrace/api';
import type { Clock } from '@millrace/api';
import { copyBlock } from '@millrace/otlp';
import type { ArenaRegion } from './arena-region.ts';
import { nameOf } from './failure.ts';
import type { Exclusion, Ground } from './grind.ts';
import { GrindSession } from './grind-session.ts';
import { huntKillers } from './killer-hunt.ts';
import type { Killer } from './killer-hunt.ts';
import type { GrindOptions, GrindResult, JobSpec, Mill, MillStats, Part, Priority } from './mill.ts';
import type { MillSettings } from './mill-settings.ts';
import { PlanEntries } from './plan-entry.ts';
import type { PlanEntry } from './plan-entry.ts';
import type { Plan } from './plan.ts';
import type { Capture, ObserveOptions } from './plan-observers.ts';
import { decodeGround, emptyRequest, KIND_READY } from './protocol.ts';
import type { Refusal, Reply } from './protocol.ts';
import { mergeResults, withKillers } from './merge-results.ts';
import { grindRequest, jobRequest } from './requests.ts';
import { startTidying } from './tidying.ts';
import { WorkerDeath, WorkerPool } from './worker-pool.ts';
import type { WorkerUse } from './worker-pool.ts';

/** The mill with workers. A worker that dies takes nothing with it: its grind is tried again, and what kills is found. */
export class PoolMill implements Mill {
  readonly #settings: MillSettings;
  readonly #stopWatching: () => void;
  readonly #stopTidying: () => void;
  readonly #open = new Set<Promise<unknown>>();
  #entries = new PlanEntries([]);
  #pool: WorkerPool | undefined;
  #starting: Promise<void> = Promise.resolve();
  #lostBefore = 0;

  constructor(settings: MillSettings) {
    this.#settings = settings;
    this.#stopTidying = startTidying(() => {
      settings.arena.trim();
      this.#pool?.flush().catch(() => undefined);
    });
    this.#stopWatching = settings.arena.onRetire((block) => this.#pool?.retire(block));
  }

  start(plans: readonly Plan[]): Promise<void> {
    this.#starting = this.#start(plans);
    return this.#starting;
  }

  async #start(plans: readonly Plan[]): Promise<void> {
    const { threads, heapMb, deadlineMs, logger, clock = SYSTEM_CLOCK } = this.#settings;
    const pool = new WorkerPool({ threads, heapMb, deadlineMs, logger, clock, plans });
    try {
      for (const reply of await pool.ready()) checkReply(reply);
    } catch (error) {
      await pool.close();
      if (!(error instanceof WorkerDeath)) throw error;
      throw new ComponentError(`workers die when they start: ${error.message}`, {
        code: 'WORKERS_CANNOT_START',
        remedy: 'look for a plugin that exits or allocates when it is imported, or raise service.workers.heap_mb',
        cause: error,
      });
    }
    const before = this.#pool;
    this.#pool = pool;
    this.#entries = new PlanEntries(plans);
    if (before === undefined) return;
    this.#lostBefore += before.workersLost;
    await Promise.allSettled(this.#open);
    await before.close();
  }

  grind(planId: string, parts: readonly Part[], options: GrindOptions): Promise<GrindResult> {
    const entry = this.#entries.get(planId);
    return this.#track(this.#grind(this.#opened(), entry, parts, options));
  }

  run(job: JobSpec, input: Uint8Array, params: unknown): Promise<Uint8Array> {
    return this.#track(this.#run(this.#opened(), job, input, params));
  }

  observe(options: ObserveOptions, onCapture: (capture: Capture) => void): () => void {
    return this.#entries.get(options.plan).observe(options, onCapture, this.#settings.logger);
  }

  async ping(): Promise<void> {
    await this.#track(this.#opened().send(emptyRequest(KIND_READY), [], 'high'));
  }

  get stats(): MillStats {
    const pool = this.#pool;
    return {
      threads: this.#settings.threads,
      running: pool?.running ?? 0,
      waiting: pool?.waiting ?? 0,
      utilisation: () => pool?.utilisation() ?? 0,
      workersLost: this.#lostBefore + (pool?.workersLost ?? 0),
      plugins: [],
    };
  }

  /** What the workers use now; undefined where none is there to say it. */
  async use(): Promise<WorkerUse | undefined> {
    return this.#pool?.use();
  }

  async shutdown(): Promise<void> {
    // Workers that are on their way would stay for ever.
    await Promise.allSettled([this.#starting]);
    while (this.#open.size > 0) await Promise.allSettled(this.#open);
    this.#stopWatching();
    this.#stopTidying();
    const pool = this.#pool;
    this.#pool = undefined;
    if (pool === undefined) return;
    this.#lostBefore += pool.workersLost;
    await pool.close();
  }

  async #grind(
    pool: WorkerPool,
    entry: PlanEntry,
    parts: readonly Part[],
    options: GrindOptions,
  ): Promise<GrindResult> {
    let session: GrindSession;
    try {
      session = new GrindSession(entry, parts, this.#settings.arena);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      return GrindSession.refused(parts, error as DeliveryError);
    }
    try {
      const mills = new Mills(pool, session, options.priority, this.#settings);
      return options.isTrial === true ? await this.#try(mills) : await this.#mill(mills);
    } catch (error) {
      if (error instanceof DeliveryError) return GrindSession.refused(parts, error);
      // A form that cannot be cloned, or our own fault: whoever sent it is told, everything else goes on.
      const failure = permanent(`the payload cannot be processed: ${messageOf(error)}`, {
        code: 'INTERNAL',
        cause: error,
      });
      return GrindSession.refused(parts, failure);
    } finally {
      session.end();
    }
  }

  /** Once. If a worker dies of it, nothing was taken. */
  async #try(mills: Mills): Promise<GrindResult> {
    const result = await mills.grind([]);
    if (!(result instanceof WorkerDeath)) return result;
    const killers = Array.from({ length: mills.parts }, (_, part) => ({
      exclusion: { part, range: undefined },
      items: 0,
      death: result,
    }));
    return withKillers(mergeResults([], mills.parts), killers, mills.nameOf);
  }

  /** Tries, tries again, and then without what kills. */
  async #mill(mills: Mills): Promise<GrindResult> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const result = await mills.grind([]);
      if (!(result instanceof WorkerDeath)) return result;
    }
    const killers = await huntKillers(mills.parts, (from, excluded) => mills.probe(from, excluded));
    const excluded = killers.map((killer) => killer.exclusion);
    const result = await mills.grind(excluded);
    if (!(result instanceof WorkerDeath)) return withKillers(result, killers, mills.nameOf);
    return this.#partByPart(mills, killers, result);
  }

  /** Nothing kills by itself, and yet all together do (by their mere size, say). */
  async #partByPart(mills: Mills, killers: readonly Killer[], last: WorkerDeath): Promise<GrindResult> {
    const excluded = killers.map((killer) => killer.exclusion);
    const all = [...killers];
    const results: GrindResult[] = [];
    let deaths = 0;
    for (let part = 0; part < mills.parts; part++) {
      const whole = { part, range: undefined };
      if (excluded.some((each) => each.part === part && each.range === undefined)) continue;
      const result = deaths > LONE_DEATHS_MAX ? last : await mills.grind([...excluded, ...mills.allBut(part)]);
      if (result instanceof WorkerDeath) {
        deaths++;
        all.push({ exclusion: whole, items: Math.max(result.part === part ? result.items : 0, 0), death: result });
      } else {
        results.push(result);
      }
    }
    return withKillers(mergeResults(results, mills.parts), all, mills.nameOf);
  }

  async #run(pool: WorkerPool, job: JobSpec, input: Uint8Array, params: unknown): Promise<Uint8Array> {
    const region = this.#settings.arena.copy(input, 'output');
    const room = this.#roomFor(input.length);
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          const { request, blocks } = jobRequest({ job, params }, region, room);
          const { reply } = await pool.send(request, blocks, 'normal', () => nameOfJob(job));
          checkReply(reply);
          const output = reply.more?.output ?? 0;
          return typeof output === 'number' ? copyOf(room?.bytes.subarray(0, output)) : output;
        } catch (error) {
          if (!(error instanceof WorkerDeath)) throw error;
          if (attempt === 0) continue;
          throw permanent(`${nameOfJob(job)} ended its worker twice: ${error.message}`, {
            code: 'WORKER_KILLED',
            cause: error,
          });
        }
      }
    } finally {
      region.release();
      room?.release();
    }
  }

  /**
   * Room for what a job makes of so many bytes; undefined when the budget has none. Without it each result is fresh shared
   * memory, which neither thread's garbage collector knows the size of.
   */
  #roomFor(inputBytes: number): ArenaRegion | undefined {
    try {
      return this.#settings.arena.allocate(inputBytes + (inputBytes >> 3) + JOB_ROOM_BYTES_MIN, 'output');
    } catch (error) {
      if (isRetryable(error)) return undefined;
      throw error;
    }
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#open.add(work);
    const done = () => void this.#open.delete(work);
    work.then(done, done);
    return work;
  }

  #opened(): WorkerPool {
    if (this.#pool === undefined) throw new Error('the mill was not started, or was shut down');
    return this.#pool;
  }
}

function nameOfJob({ job, type }: JobSpec): string {
  return `job "${job}" of exporter "${type}"`;
}

/** What a job may add to a small input, such as a header. */
const JOB_ROOM_BYTES_MIN = 4096;

/** Memory of this thread alone. */
function copyOf(bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  const copy = new Uint8Array(Buffer.allocUnsafeSlow(bytes.length).buffer);
  copyBlock(bytes, copy, 0);
  return copy;
}

/** A pending pause does keep the process alive: a grind waits for it. */
const SYSTEM_CLOCK: Pick<Clock, 'after' | 'monotonic'> = {
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Parts that may kill a worker on their own, after nothing in them did, before the rest is given up. */
const LONE_DEATHS_MAX = 8;

/** The ways in which one session is sent to workers. */
class Mills {
  readonly #pool: WorkerPool;
  readonly #session: GrindSession;
  readonly #priority: Priority;
  readonly #settings: MillSettings;

  constructor(pool: WorkerPool, session: GrindSession, priority: Priority, settings: MillSettings) {
    this.#pool = pool;
    this.#session = session;
    this.#priority = priority;
    this.#settings = settings;
  }

  get parts(): number {
    return this.#session.parts.length;
  }

  readonly nameOf = (ordinal: number): string => {
    const step = this.#session.entry.steps[ordinal]?.spec;
    return step === undefined ? 'something outside of any step' : nameOf(step);
  };

  allBut(part: number): Exclusion[] {
    return this.#session.parts.flatMap((_, index) => (index === part ? [] : [{ part: index, range: undefined }]));
  }

  async grind(excluded: readonly Exclusion[]): Promise<GrindResult | WorkerDeath> {
    const session = this.#session;
    const lease = session.lease();
    const look = session.entry.look();
    let ground: Ground;
    let waitMs: number;
    try {
      const { request, blocks } = grindRequest(session, lease, excluded, undefined, look?.lens);
      const sent = await this.#pool.send(request, blocks, this.#priority, this.nameOf);
      checkReply(sent.reply);
      ground = decodeGround(sent.reply);
      waitMs = sent.waitMs;
    } catch (error) {
      lease?.release();
      if (error instanceof WorkerDeath) return error;
      throw error;
    }
    this.#settings.onGrind?.(session.report(ground, waitMs));
    look?.deliver(ground.captures);
    return session.result(ground, lease);
  }

  async probe(from: { part: number; item: number }, excluded: readonly Exclusion[]): Promise<WorkerDeath | undefined> {
    const { request, blocks } = grindRequest(this.#session, undefined, excluded, from);
    try {
      checkReply((await this.#pool.send(request, blocks, this.#priority, this.nameOf)).reply);
      return undefined;
    } catch (error) {
      if (error instanceof WorkerDeath) return error;
      throw error;
    }
  }
}

/** @throws what a worker could not do, as the error that it was there. */
function checkReply(reply: Reply): void {
  const refusal = reply.more?.refusal;
  if (refusal !== undefined) throw errorOfRefusal(refusal);
}

function errorOfRefusal({ component, code, message, retryable, remedy }: Refusal): Error {
  return component
    ? new ComponentError(message, { code, ...(remedy === undefined ? {} : { remedy }) })
    : new DeliveryError(message, { code, retryable });
}
