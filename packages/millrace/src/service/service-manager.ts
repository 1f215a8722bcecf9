import { execFile } from 'node:child_process';
import type { Logger } from '@millrace/api';

/** What systemd is told, as in sd_notify(3). */
export type Notice = Readonly<Record<string, string>>;

export interface ServiceManagerSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly logger: Logger;
  /** Whether the collector does its work: asked before each sign of life. */
  readonly isAlive: () => Promise<boolean>;
}

/**
 * The service manager that started this process (systemd with `Type=notify` or `notify-reload`), where there is one. Node
 * has no Unix datagram sockets: systemd's own program `systemd-notify` sends the messages, which are rare. It is another
 * process, so that the unit needs `NotifyAccess=all`.
 */
export class ServiceManager {
  readonly #settings: ServiceManagerSettings;
  readonly #isThere: boolean;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #hasComplained = false;

  constructor(settings: ServiceManagerSettings) {
    this.#settings = settings;
    this.#isThere = (settings.env['NOTIFY_SOCKET'] ?? '') !== '';
  }

  /** The collector takes data; from now on it also gives the signs of life that the manager asks for. */
  async ready(status: string): Promise<void> {
    await this.#tell({ READY: '1', STATUS: status });
    this.#startWatchdog();
  }

  /** A reload begins. End it with {@link ready}, whatever came of it. */
  reloading(): Promise<void> {
    // systemd tells by the time that this is the reload that it asked for.
    const monotonicUs = process.hrtime.bigint() / 1_000n;
    return this.#tell({ RELOADING: '1', MONOTONIC_USEC: String(monotonicUs), STATUS: 'reloading the configuration' });
  }

  async stopping(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tell({ STOPPING: '1', STATUS: 'delivering what is left' });
  }

  #startWatchdog(): void {
    const { env, pid } = this.#settings;
    const limitUs = Number(env['WATCHDOG_USEC']);
    const isForUs = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(pid);
    if (this.#timer !== undefined || !(limitUs > 0) || !isForUs) return;
    this.#timer = setInterval(() => void this.#giveSign(), limitUs / 1_000 / 2);
    this.#timer.unref();
  }

  async #giveSign(): Promise<void> {
    if (await this.#settings.isAlive()) await this.#tell({ WATCHDOG: '1' });
  }

  /** In order; never rejects, as data is more important than whoever watches. */
  #tell(notice: Notice): Promise<void> {
    if (!this.#isThere) return Promise.resolve();
    this.#turn = this.#turn.then(() => this.#send(notice));
    return this.#turn;
  }

  #send(notice: Notice): Promise<void> {
    const lines = Object.entries(notice).map(([key, value]) => `${key}=${value.replaceAll(/\s+/g, ' ')}`);
    const { NOTIFY_SOCKET, PATH } = this.#settings.env;
    const env = { NOTIFY_SOCKET, PATH };
    return new Promise((resolve) => {
      execFile('systemd-notify', lines, { env, timeout: SEND_MS }, (error) => {
        if (error !== null) this.#complain(error);
        resolve();
      });
    });
  }

  #complain(error: Error): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    this.#settings.logger.warn('systemd cannot be told how the collector is', {
      reason: error.message,
      remedy: 'install systemd-notify (package systemd), or set Type=exec in the unit',
    });
  }
}

/** Longest time for one message. */
const SEND_MS = 5_000;
