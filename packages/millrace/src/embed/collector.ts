import { type Announcement, ComponentError, type Definition } from '@millrace/api';
import type { LoadedConfig } from '@millrace/config';
import {
  type CollectorSnapshot,
  Collector as Engine,
  type PipelineOverview,
  type ReloadReport,
  type ShutdownReport,
} from '@millrace/engine';
import { InProcessReceivers } from '@millrace/receiver-in-process/attached';
import type { ControlServer } from '../control/control-server.ts';
import { KeepAlive } from '../keep-alive.ts';
import { version } from '../version.ts';
import { AppReceiver } from './app-receiver.ts';
import { loadInput } from './config-input.ts';
import { EmbeddedRegistry } from './embedded-registry.ts';
import { GuestLog } from './guest-log.ts';
import type { CollectorOptions, ConfigOptions } from './options.ts';
import { openGuestControl } from './guest-control.ts';
import { quietly } from './quietly.ts';
import { shutdownOn } from './shutdown-on.ts';

/** Type of the receivers that programs feed. */
const TYPE = 'in_process';

/** What a collector is made of. */
interface Parts {
  readonly options: CollectorOptions;
  readonly engine: Engine;
  readonly log: GuestLog;
  readonly receivers: InProcessReceivers;
  readonly alive: KeepAlive;
  readonly control: ControlServer | undefined;
}

/**
 * A collector that runs inside a program. It shares nothing with others of its kind, never ends the process, and leaves
 * signals, the console and the program's own OpenTelemetry alone. `await using` shuts it down.
 */
export class Collector implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #handles = new Map<string, AppReceiver>();
  readonly #letGo: () => void;
  #stopping: Promise<ShutdownReport> | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
    const { options, alive } = parts;
    const release = options.ref === true ? alive.hold() : () => undefined;
    const ignore = shutdownOn(options.shutdownOn ?? [], () => this.shutdown());
    this.#letGo = () => {
      release();
      ignore();
    };
  }

  /**
   * Starts a configuration; resolves when every component has started. Throws ConfigErrors with everything that is wrong
   * with the configuration, or the ComponentError of what cannot be made or started; then nothing is left running.
   */
  static async start(options: CollectorOptions): Promise<Collector> {
    const receivers = new InProcessReceivers();
    const log = new GuestLog(options.logger);
    const alive = new KeepAlive();
    return alive.during(() =>
      quietly(async () => {
        const loaded = await load(options, receivers);
        log.announce(loaded);
        log.follow(loaded);
        const engine = await Engine.build({ config: loaded.config, logger: log.logger, version });
        await engine.start();
        const reload = () => collector.reload();
        const control = await openGuestControl({ engine, log, reload });
        const collector = new Collector({ options, engine, log, receivers, alive, control });
        return collector;
      }),
    );
  }

  /**
   * The receiver `in_process/<name>` (`in_process` without a name), into which the program puts its telemetry. The same
   * object each time, over reloads too. Throws a ComponentError where no running pipeline has such a receiver.
   */
  receiver(name?: string): AppReceiver {
    const { receivers, alive } = this.#parts;
    const id = name === undefined ? TYPE : name.startsWith(`${TYPE}/`) || name === TYPE ? name : `${TYPE}/${name}`;
    const known = this.#handles.get(id);
    if (known !== undefined) return known;
    if (receivers.get(id) === undefined) throw noReceiver(id, receivers.ids);
    const handle = new AppReceiver({ id, receivers, around: (work) => alive.during(() => quietly(work)) });
    this.#handles.set(id, handle);
    return handle;
  }

  /**
   * Takes the configuration up again, or another one. What is the same in both goes on, with its connections and queues.
   * Rejects with ConfigErrors or a ComponentError when anything fails, and the old configuration stays in effect.
   */
  reload(options: Partial<ConfigOptions> = {}): Promise<ReloadReport> {
    const { engine, log, receivers, alive } = this.#parts;
    const next = { ...this.#parts.options, ...options };
    return alive.during(() =>
      quietly(async () => {
        let loaded: LoadedConfig | undefined;
        const report = await engine.reload(async () => {
          loaded = await load(next, receivers);
          log.announce(loaded);
          return loaded.config;
        });
        if (loaded !== undefined) log.follow(loaded);
        return report;
      }),
    );
  }

  /** Running totals, and how each component is. */
  snapshot(): CollectorSnapshot {
    return this.#parts.engine.snapshot();
  }

  /** Every pipeline with what its acknowledgement means. */
  get pipelines(): readonly PipelineOverview[] {
    return this.#parts.engine.pipelines;
  }

  /** Where its components listen, read and write. */
  get announcements(): readonly Announcement[] {
    return this.#parts.engine.announcements;
  }

  /** Where Prometheus can scrape this collector; undefined unless the configuration names an endpoint. */
  get metricsAddress(): string | undefined {
    return this.#parts.engine.metricsAddress;
  }

  /** True until shutdown begins. */
  get ready(): boolean {
    return this.#parts.engine.ready;
  }

  /**
   * Takes nothing in any more, delivers what it holds, and stops, within `service.shutdown_timeout`. Resolves with what
   * was left undone; calling it again gives the same result.
   */
  shutdown(): Promise<ShutdownReport> {
    const { engine, alive, control } = this.#parts;
    const stop = async () => {
      const report = await engine.shutdown();
      await control?.close();
      return report;
    };
    this.#stopping ??= alive.during(() => quietly(stop)).finally(this.#letGo);
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}

async function load(options: ConfigOptions, receivers: InProcessReceivers) {
  const own = [receivers.definition as Definition];
  const registry = await EmbeddedRegistry.of(options.plugins ?? [], own, options.cwd ?? process.cwd());
  return loadInput(options, registry);
}

function noReceiver(id: string, ids: readonly string[]): ComponentError {
  const known = ids.length === 0 ? 'there is none' : `there are ${ids.join(', ')}`;
  return new ComponentError(`no pipeline has the receiver "${id}"; of this type, ${known}`, {
    code: 'NO_SUCH_RECEIVER',
    remedy: `add "${id}" to "receivers" and to the receivers of a pipeline`,
  });
}
