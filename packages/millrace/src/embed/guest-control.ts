import type { Collector, ReloadReport } from '@millrace/engine';
import type { ControlServer } from '../control/control-server.ts';
import type { GuestLog } from './guest-log.ts';

export interface GuestControlOptions {
  readonly engine: Collector;
  readonly log: GuestLog;
  readonly reload: () => Promise<ReloadReport>;
}

/**
 * The control socket of a collector inside a program; undefined unless the configuration asks for one. Throws a
 * ComponentError where it cannot be opened; then the collector is stopped.
 */
export async function openGuestControl({
  engine,
  log,
  reload,
}: GuestControlOptions): Promise<ControlServer | undefined> {
  const { enabled, path } = engine.config.service.control ?? {};
  if (!(enabled ?? path !== undefined)) return undefined;
  try {
    const { ControlServer } = await import('../control/control-server.ts');
    return await ControlServer.open({ collector: engine, logger: log.logger, path, reload });
  } catch (error) {
    await engine.shutdown();
    throw error;
  }
}
