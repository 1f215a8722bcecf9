import { existsSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { ComponentError, messageOf, retryable } from '@millrace/api';
import type { Clock, Logger } from '@millrace/api';
import { Assignment, assignmentOf } from './assignment.ts';
import type { Block } from './block.ts';
import { KnownBlocks } from './known-blocks.ts';
import type { Priority } from './mill.ts';
import type { Plan } from './plan.ts';
import { pluginBehind } from './plugin-frame.ts';
import { emptyRequest, KIND_READY } from './protocol.ts';
import type { LogMessage, Reply, Request, WorkerData } from './protocol.ts';
import { Respawn } from './respawn.ts';
import { RestartPause } from './restart-pause.ts';
import { PriorityTaskQueue } from './task-queue.ts';
import { Utilisation } from './utilisation.ts';
import { Vitals } from './vitals.ts';
import { Watchdog } from './watchdog.ts';

export interface WorkerPoolSettings {
  readonly threads: number;
  readonly heapMb: number;
  readonly deadlineMs: number;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly plans: readonly Plan[];
}

/** What a worker left behind when it died over a request. */
export class WorkerDeath extends Error {
  /** Whether it had begun with the request: otherwise it died of something else. */
  readonly begun: boolean;
  /** Ordinal of the step that ran; -1 if none did. */
  readonly step: number;
  /** Part and item that were processed alone; -1 if none were. */
  readonly part: number;
  readonly item: number;
  /** Items that the part held; -1 if it was not decoded yet. */
  readonly items: number;

  constructor(message: string, assignment: Assignment) {
    super(message);
    const { vitals } = assignment;
    this.begun = vitals !== undefined && vitals.pulse !== assignment.firstPulse;
    this.step = vitals?.step ?? -1;
    this.part = vitals?.part ?? -1;
    this.item = vitals?.item ?? -1;
    this.items = vitals?.items ?? -1;
  }
}

/** Piscina, with our queue, our choice of workers, and a watch over what they do. */
export class WorkerPool {
  workersLost = 0;
  readonly #settings: WorkerPoolSettings;
  readonly #piscina: Piscina;
  readonly #queue = new PriorityTaskQueue();
  readonly #known = new KnownBlocks();
  readonly #vitals: Vitals;
  readonly #freeSlots: number[];
  readonly #utilisation: Utilisation;
  readonly #watchdog: Watchdog;
  readonly #respawn: Respawn;
  readonly #restartPause: RestartPause;
  /** Ends the request of the last revival, so that they do not gather. */
  #revival = new AbortController();
  #closing = false;
  /** Of the worker that is about to be destroyed. */
  #hasSaidWhy = false;

  constructor(settings: WorkerPoolSettings) {
    const { threads, heapMb, plans } = settings;
    this.#settings = settings;
    this.#respawn = new Respawn(settings.clock);
    this.#restartPause = new RestartPause(settings.clock);
    // A slot is free again when its request is settled, which may be a little after the next worker has begun.
    const slots = threads * 2;
    this.#vitals = Vitals.create(slots);
    this.#freeSlots = Array.from({ length: slots }, (_, slot) => slot);
    this.#utilisation = new Utilisation(threads);
    this.#watchdog = new Watchdog(settings.deadlineMs, (assignment) => this.#terminate(assignment));
    const data: WorkerData = {
      plans,
      vitals: this.#vitals.table,
      restartPause: this.#restartPause.cells,
      compileCache: getCompileCacheDir(),
      entry: new URL(`./worker-entry${ENDING}`, import.meta.url).href,
    };
    this.#piscina = new Piscina({
      filename: bootFile(),
      workerData: data,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Infinity,
      // 'sync' keeps native finalizers from running (lz4-napi's memory is never freed); 'async' costs more per hop.
      atomics: 'disabled',
      recordTiming: false,
      // What the balancer cannot place goes back to the front, not to the end.
      stricterFIFO: true,
      taskQueue: this.#queue,
      loadBalancer: (task, workers) => {
        const free = workers.find((worker) => worker.currentUsage === 0 && !worker.destroyed && !worker.terminating);
        if (free === undefined) return null;
        this.#assign(assignmentOf(task), free.id);
        return free;
      },
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#piscina.on('error', (error: unknown) => this.#lostIdle(error));
    this.#piscina.on('message', (message: unknown) => this.#log(message as LogMessage));
    this.#piscina.on('workerDestroy', (worker: { readonly id: number }) => {
      this.#known.drop(worker.id);
      this.#noticeIdleEnd();
      void this.#revive();
    });
  }

  get running(): number {
    return this.#utilisation.running;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  utilisation(): number {
    return this.#utilisation.read();
  }

  /** What the workers use, all together. Undefined where one could not be asked. */
  async use(): Promise<WorkerUse | undefined> {
    // An idle worker does not keep the process alive, not even while it is asked.
    const alive = setInterval(() => undefined, 2 ** 30);
    try {
      const uses = await Promise.all(
        this.#piscina.threads.map(async (worker) => {
          const [{ user, system }, heap] = await Promise.all([worker.cpuUsage(), worker.getHeapStatistics()]);
          return { cpuMs: (user + system) / 1_000, heapBytes: heap.used_heap_size };
        }),
      );
      if (uses.length === 0) return undefined;
      return {
        cpuMs: uses.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
        heapBytes: uses.reduce((sum, { heapBytes }) => sum + heapBytes, 0),
      };
    } catch {
      // It has just died, and another one takes its place.
      return undefined;
    } finally {
      clearInterval(alive);
    }
  }

  /** Asks each worker whether it is ready. */
  ready(): Promise<readonly Reply[]> {
    // All are idle, so that each gets one.
    const requests = Array.from({ length: this.#settings.threads }, () => emptyRequest(KIND_READY));
    return Promise.all(requests.map(async (request) => (await this.#sendOnce(request, [], 'high')).reply));
  }

  /**
   * Has a worker do something. `blocks` is the memory that the request refers to; `nameOf` says in the log in which of its steps
   * a worker died.
   * @throws {WorkerDeath} if it dies over it, after the pause that keeps a plugin from respawning workers in a loop.
   * @throws a retryable DeliveryError if workers die before they begin, again and again.
   */
  async send(
    request: Request,
    blocks: readonly Block[],
    priority: Priority,
    nameOf?: (step: number) => string,
  ): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#sendOnce(request, blocks, priority, nameOf);
      } catch (error) {
        if (!(error instanceof WorkerDeath) || error.begun) throw error;
        if (attempt < BEGINNINGS_MAX) continue;
        throw retryable(`workers die before they begin: ${error.message}`, { code: 'NO_WORKERS', cause: error });
      }
    }
  }

  async #sendOnce(
    request: Request,
    blocks: readonly Block[],
    priority: Priority,
    nameOf?: (step: number) => string,
  ): Promise<Answer> {
    const assignment = new Assignment(request, blocks, priority);
    try {
      const reply = (await this.#piscina.run(assignment.task)) as Reply;
      return { reply, waitMs: assignment.startedAt - assignment.submittedAt };
    } catch (error) {
      if (error instanceof DOMException && error.name === 'DataCloneError') throw error;
      const death = new WorkerDeath(this.#causeOf(error, assignment), assignment);
      this.workersLost++;
      const during = nameOf === undefined || !death.begun ? {} : { during: nameOf(death.step) };
      this.#settings.logger.warn('a worker died', { reason: death.message, ...during });
      await this.#respawn.pause();
      throw death;
    } finally {
      this.#settle(assignment);
    }
  }

  /** Has idle workers let go of blocks that have left the arena; busy ones do so anyway. */
  async flush(): Promise<void> {
    if (this.running === 0 && this.waiting === 0 && this.#known.hasRetired) await this.ready();
  }

  /** A block has left the arena: workers let go of it with their next request. */
  retire(block: number): void {
    this.#known.retire(block);
  }

  /** Ends the workers; nothing may be under way. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#watchdog.stop();
    await this.#piscina.destroy();
  }

  #assign(assignment: Assignment, worker: number): void {
    const slot = this.#freeSlots.pop() as number;
    assignment.assign(worker, slot, this.#vitals.row(slot));
    this.#known.introduce(worker, assignment.request, assignment.blocks);
    assignment.work = this.#utilisation.begin();
    this.#watchdog.watch(assignment);
  }

  #settle(assignment: Assignment): void {
    if (assignment.slot < 0) return;
    this.#watchdog.unwatch(assignment);
    this.#freeSlots.push(assignment.slot);
    if (assignment.work !== undefined) this.#utilisation.end(assignment.work);
  }

  #terminate(assignment: Assignment): void {
    const worker = this.#piscina.threads.find((each) => each.threadId === assignment.worker);
    void worker?.terminate();
  }

  #causeOf(error: unknown, assignment: Assignment): string {
    if (assignment.overdue) return `it was still running after ${this.#settings.deadlineMs} ms`;
    if ((error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY') {
      return `it needed more than ${this.#settings.heapMb} MiB of heap`;
    }
    const exit = /worker exited with code: (\d+)/.exec(messageOf(error));
    return exit === null ? `it threw outside of its step: ${messageOf(error)}` : `it exited with code ${exit[1]}`;
  }

  /** A worker has ended. If nothing ran and nothing was thrown, somebody has called process.exit(). */
  #noticeIdleEnd(): void {
    const hasSaidWhy = this.#hasSaidWhy;
    this.#hasSaidWhy = false;
    if (this.#closing || hasSaidWhy || this.running > 0) return;
    this.#endedIdle('a worker ended while it was idle', {
      remedy: 'look for a plugin that calls process.exit() in a timer or a callback',
    });
  }

  /** A worker died while it had nothing to do: a timer or a promise that a plugin left behind. */
  #lostIdle(error: unknown): void {
    if (this.#closing) return;
    this.#hasSaidWhy = true;
    this.#endedIdle('a worker died while it was idle', { error: messageOf(error), ...pluginBehind(error) });
  }

  /** Says so, until it is said that it happens again and again. */
  #endedIdle(message: string, fields: Readonly<Record<string, unknown>>): void {
    const { logger } = this.#settings;
    this.workersLost++;
    const wasPausing = this.#restartPause.isPausing;
    const ends = this.#restartPause.note();
    if (wasPausing && this.#restartPause.isPausing) return;
    logger.error(message, fields);
    if (!this.#restartPause.isPausing) return;
    logger.error('workers end while they are idle, again and again; the next ones start after pauses', { ends });
  }

  /**
   * Piscina gives up on workers that die while they start; what waits in the queue would wait forever. Another request
   * makes it start one.
   */
  async #revive(): Promise<void> {
    // Piscina replaces the worker in this turn, if it does.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#closing || this.#piscina.threads.length > 0) return;
    this.#settings.logger.error('no worker is left, another one is started', { waiting: this.#queue.size });
    await this.#respawn.pause();
    if (this.#closing || this.#queue.size === 0 || this.#piscina.threads.length > 0) return;
    this.#revival.abort();
    this.#revival = new AbortController();
    const assignment = new Assignment(emptyRequest(KIND_READY), [], 'high');
    await this.#piscina.run(assignment.task, { signal: this.#revival.signal }).catch(() => undefined);
    this.#settle(assignment);
  }

  #log(message: LogMessage): void {
    this.#settings.logger[message.log](message.message, { ...message.fields, component: message.component });
  }
}

/**
 * A worker whose heap is full is given 16 MiB more to end in. What survives of its young objects moves there at once; with
 * V8's own choice, 48 MiB, that can be too much, and it then aborts the whole process.
 */
const YOUNG_GENERATION_MB = 24;

/** How often a request is tried again because a worker died of something else. */
const BEGINNINGS_MAX = 8;

/** What workers use. */
export interface WorkerUse {
  /** CPU time since they began, in milliseconds. */
  readonly cpuMs: number;
  readonly heapBytes: number;
}

interface Answer {
  readonly reply: Reply;
  readonly waitMs: number;
}

/** Workers run the same kind of file as this one: TypeScript in the repository, JavaScript when compiled. */
const ENDING = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** @throws {ComponentError} where it is not: in the bundle that a program's own bundler made. */
function bootFile(): string {
  const file = fileURLToPath(new URL('./worker-boot.mjs', import.meta.url));
  if (existsSync(file)) return file;
  throw new ComponentError(`workers cannot be started: ${file} is missing, this program seems to be bundled`, {
    code: 'WORKERS_IN_BUNDLE',
    remedy: 'set service.workers.threads: 0, or leave millrace out of the bundle',
  });
}
