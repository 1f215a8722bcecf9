import { stat } from 'node:fs/promises';
import { messageOf } from '@millrace/api';
import type { Clock, Logger } from '@millrace/api';
import type { TlsClientConfig, TlsServerConfig } from './tls-config.ts';

/** How often `client_ca_file_reload` looks whether the file has changed. */
const WATCH_INTERVAL_MS = 10_000;

export interface TlsReloadOptions {
  readonly config: TlsServerConfig | TlsClientConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reads the files and puts them to use. What it throws is logged, and the old certificates stay. */
  reload(): Promise<void>;
}

/** Reads certificates again on `reload_interval` and when `client_ca_file` changes. The result ends it. */
export function reloadTls(options: TlsReloadOptions): () => void {
  const { config } = options;
  const stops: (() => void)[] = [];
  const interval = config.reload_interval ?? 0;
  if (interval > 0) stops.push(every(options.clock, interval, () => attempt(options)));
  const clientCa =
    'client_ca_file_reload' in config && config.client_ca_file_reload ? config.client_ca_file : undefined;
  if (clientCa !== undefined && clientCa !== '') {
    let seen: number | undefined;
    stops.push(
      every(options.clock, WATCH_INTERVAL_MS, async () => {
        const changedAt = await modifiedAt(clientCa);
        if (seen !== undefined && changedAt !== seen) await attempt(options);
        seen = changedAt;
      }),
    );
  }
  return () => stops.forEach((stop) => stop());
}

async function attempt(options: TlsReloadOptions): Promise<void> {
  try {
    await options.reload();
    options.logger.debug('TLS certificates read again');
  } catch (error) {
    options.logger.error('TLS certificates cannot be reloaded; the old ones stay in use', { error: messageOf(error) });
  }
}

async function modifiedAt(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    // Missing for a moment while it is replaced; the next look finds it.
    return 0;
  }
}

/** Runs `task` again and again, one at a time. */
function every(clock: Clock, intervalMs: number, task: () => Promise<void>): () => void {
  let stopped = false;
  let cancel = (): void => undefined;
  const arm = (): void => {
    if (!stopped) cancel = clock.after(intervalMs, () => void task().finally(arm));
  };
  arm();
  return () => {
    stopped = true;
    cancel();
  };
}
