import { formatProblems, type LoadedConfig } from '@millrace/config';
import { Collector, type ReloadReport } from '@millrace/engine';
import type { ReloadCheck } from '../control/control-routes.ts';
import { version } from '../version.ts';
import type { CollectorLog } from './collector-log.ts';
import type { Development } from './development.ts';
import type { ConfigReader } from './config-reader.ts';
import { FileWatch } from './file-watch.ts';
import type { ServiceManager } from './service-manager.ts';

export interface ConfigReloadsSettings {
  readonly reader: ConfigReader;
  readonly collector: Collector;
  readonly log: CollectorLog;
  readonly manager: ServiceManager;
  /** Looks at plugins before they are taken, and shows what came of it. */
  readonly development?: Development | undefined;
  /** How often files are looked at, in milliseconds. */
  readonly watchPeriodMs?: number | undefined;
}

/** Has a running collector take up its configuration again, when it is asked to or when the files change. */
export class ConfigReloads {
  readonly #settings: ConfigReloadsSettings;
  readonly #watch: FileWatch;
  #isStopped = false;
  #isWaiting = false;

  constructor(settings: ConfigReloadsSettings) {
    this.#settings = settings;
    this.#watch = new FileWatch(
      () => settings.reader.files,
      () => void this.reload('its files have changed'),
      settings.watchPeriodMs,
    );
  }

  /** One line for people: what is in effect, and why that is not the latest. */
  get status(): string {
    const { collector } = this.#settings;
    const pipelines = `${collector.config.pipelines.size} pipelines`;
    const error = collector.lastReload?.error;
    return error === undefined ? `running ${pipelines}` : `running ${pipelines}; the last reload failed: ${error}`;
  }

  watch(): Promise<void> {
    return this.#watch.start();
  }

  stop(): void {
    this.#isStopped = true;
    this.#watch.stop();
  }

  /** Never rejects: what fails is logged, and the old configuration goes on. */
  async reload(reason: string): Promise<void> {
    // One that has not begun yet reads what is there then.
    if (this.#isStopped || this.#isWaiting) return;
    // The collector has said why.
    await this.take(reason).catch(() => undefined);
  }

  /** Rejects with why the old configuration stays in effect: ConfigErrors, or a ComponentError. */
  async take(reason: string): Promise<ReloadReport> {
    const { collector, log, manager, development } = this.#settings;
    this.#isWaiting = true;
    const noticedMs = performance.now();
    log.logger.info('reloading the configuration', { reason });
    void manager.reloading();
    let loaded: LoadedConfig | undefined;
    try {
      const report = await collector.reload(async () => {
        this.#isWaiting = false;
        await development?.check();
        loaded = await this.#read();
        return loaded.config;
      });
      if (loaded !== undefined) log.follow(loaded);
      development?.reloaded(report, performance.now() - noticedMs);
      return report;
    } catch (error) {
      development?.refused(error);
      throw error;
    } finally {
      this.#isWaiting = false;
      if (!this.#isStopped) await manager.ready(this.status);
    }
  }

  /** Reads the configuration and makes its components, and starts none. Rejects where a reload would for what is found. */
  async check(): Promise<ReloadCheck> {
    const { reader, collector, log } = this.#settings;
    const { config, secrets } = await reader.read();
    log.hide(secrets);
    const made = await Collector.build({ config, logger: log.logger, version });
    await made.shutdown();
    return { restartNeeds: collector.restartNeeds(config) };
  }

  async #read(): Promise<LoadedConfig> {
    const { reader, log } = this.#settings;
    const loaded = await reader.read();
    log.hide(loaded.secrets);
    for (const warning of loaded.warnings) log.logger.warn(formatProblems([warning]));
    return loaded;
  }
}
