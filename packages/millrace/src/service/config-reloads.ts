import { formatProblems, type LoadedConfig } from '@millrace/config';
import type { Collector } from '@millrace/engine';
import type { CollectorLog } from './collector-log.ts';
import type { ConfigReader } from './config-reader.ts';
import { FileWatch } from './file-watch.ts';
import type { ServiceManager } from './service-manager.ts';

export interface ConfigReloadsSettings {
  readonly reader: ConfigReader;
  readonly collector: Collector;
  readonly log: CollectorLog;
  readonly manager: ServiceManager;
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
    this.#isWaiting = true;
    const { collector, log, manager } = this.#settings;
    log.logger.info('reloading the configuration', { reason });
    void manager.reloading();
    let loaded: LoadedConfig | undefined;
    try {
      await collector.reload(async () => {
        this.#isWaiting = false;
        loaded = await this.#read();
        return loaded.config;
      });
      if (loaded !== undefined) log.follow(loaded);
    } catch {
      // The collector has said why.
      this.#isWaiting = false;
    }
    if (!this.#isStopped) await manager.ready(this.status);
  }

  async #read(): Promise<LoadedConfig> {
    const { reader, log } = this.#settings;
    const loaded = await reader.read();
    log.hide(loaded.secrets);
    for (const warning of loaded.warnings) log.logger.warn(formatProblems([warning]));
    return loaded;
  }
}
