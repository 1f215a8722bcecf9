import { ComponentError } from '@millrace/api';
import type { Clock, Logger } from '@millrace/api';
import type { GrindOptions, GrindResult, JobSpec, Mill, Part } from '../mill.ts';
import type { MillSettings } from '../mill-settings.ts';
import type { Plan } from '../plan.ts';
import { PoolMill } from '../pool-mill.ts';
import type { WorkerUse } from '../worker-pool.ts';
import { CpuShare } from './cpu-share.ts';
import { CrashLoop } from './crash-loop.ts';
import type { IsolatedPlugin, PluginStats } from './isolated-plugin.ts';

/** The worker of one plugin: a pool of one thread, held to its share. */
export class PluginMill {
  readonly #plugin: IsolatedPlugin;
  readonly #mill: PoolMill;
  readonly #clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly #share: CpuShare | undefined;
  readonly #crashLoop: CrashLoop;
  /** The last work that was let in; with a share, one comes after the other, so that each pays for itself. */
  #turn: Promise<unknown> = Promise.resolve();
  #used: WorkerUse = { cpuMs: 0, heapBytes: 0 };
  #usedAtMs = -Infinity;
  #cpuMs = 0;
  #lost = 0;

  constructor(plugin: IsolatedPlugin, settings: MillSettings & { readonly clock: Pick<Clock, 'after' | 'monotonic'> }) {
    const { name, heapMb, deadlineMs, cpu } = plugin;
    const logger = withPlugin(settings.logger, name);
    this.#plugin = plugin;
    this.#clock = settings.clock;
    this.#mill = new PoolMill({ ...settings, threads: 1, heapMb, deadlineMs, logger });
    this.#share = cpu === undefined || cpu >= 1 ? undefined : new CpuShare(cpu, settings.clock);
    this.#crashLoop = new CrashLoop(name, logger, settings.clock);
  }

  /** @throws {ComponentError} that names the plugin. */
  async start(plans: readonly Plan[]): Promise<void> {
    const { name, heapMb } = this.#plugin;
    try {
      await this.#mill.start(plans);
    } catch (error) {
      if (!(error instanceof ComponentError) || error.code !== 'WORKERS_CANNOT_START') throw error;
      throw new ComponentError(`the worker of plugin ${name} dies when it starts: ${(error.cause as Error).message}`, {
        code: error.code,
        remedy: `look for what exits or allocates when it is imported or created, or raise its heap_mb (${heapMb})`,
        cause: error,
      });
    }
    await this.#look();
  }

  grind(planId: string, parts: readonly Part[], options: GrindOptions): Promise<GrindResult> {
    return this.#work(() => this.#mill.grind(planId, parts, options));
  }

  run(job: JobSpec, input: Uint8Array, params: unknown): Promise<Uint8Array> {
    return this.#work(() => this.#mill.run(job, input, params));
  }

  observe(...args: Parameters<Mill['observe']>): () => void {
    return this.#mill.observe(...args);
  }

  get running(): number {
    return this.#mill.stats.running;
  }

  get waiting(): number {
    return this.#mill.stats.waiting;
  }

  get stats(): PluginStats {
    return {
      plugin: this.#plugin.name,
      cpuMs: this.#cpuMs,
      heapBytes: this.#used.heapBytes,
      heapBytesMax: this.#plugin.heapMb * 1024 * 1024,
      throttledMs: this.#share?.throttledMs ?? 0,
      workersLost: this.#mill.stats.workersLost,
    };
  }

  shutdown(): Promise<void> {
    return this.#mill.shutdown();
  }

  #work<T>(work: () => Promise<T>): Promise<T> {
    if (this.#share === undefined) return this.#measured(work);
    const turn = this.#turn.then(async () => {
      await this.#share?.turn();
      return this.#measured(work);
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #measured<T>(work: () => Promise<T>): Promise<T> {
    const startedMs = this.#clock.monotonic();
    try {
      return await work();
    } finally {
      const deaths = this.#mill.stats.workersLost - this.#lost;
      this.#lost += deaths;
      this.#crashLoop.add(deaths);
      const isDue = this.#share !== undefined || this.#clock.monotonic() - this.#usedAtMs >= LOOK_MS;
      if (deaths > 0) this.#spend(this.#clock.monotonic() - startedMs);
      if (deaths > 0 || isDue) await this.#look();
    }
  }

  /** What the worker has used since the last look. One that has died has taken its account with it. */
  async #look(): Promise<void> {
    const use = await this.#mill.use();
    this.#usedAtMs = this.#clock.monotonic();
    if (use === undefined) return;
    this.#spend(use.cpuMs >= this.#used.cpuMs ? use.cpuMs - this.#used.cpuMs : use.cpuMs);
    this.#used = use;
  }

  #spend(cpuMs: number): void {
    this.#cpuMs += cpuMs;
    this.#share?.spend(cpuMs);
  }
}

/** How often heap and CPU are looked at where nothing depends on it; a look costs 20 µs. */
const LOOK_MS = 1_000;

function withPlugin(logger: Logger, plugin: string): Logger {
  const write = (level: keyof Logger) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    logger[level](message, { plugin, ...fields });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
