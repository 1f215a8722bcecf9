import { ComponentError, type Logger, messageOf } from '@millrace/api';
import type { Collector } from '@millrace/engine';
import { ControlServer } from '../control/control-server.ts';
import type { ConfigReloads } from './config-reloads.ts';

export interface ControlSocketSettings {
  readonly collector: Collector;
  readonly reloads: ConfigReloads;
  readonly logger: Logger;
}

/**
 * The control socket of `millrace run`; undefined where the configuration wants none, or where it cannot be opened and
 * nobody asked for it. Throws a ComponentError where somebody did.
 */
export async function openControlSocket(settings: ControlSocketSettings): Promise<ControlServer | undefined> {
  const { collector, reloads, logger } = settings;
  const { enabled, path } = collector.config.service.control ?? {};
  if (enabled === false) return undefined;
  try {
    return await ControlServer.open({
      collector,
      logger,
      path,
      reload: () => reloads.take('the control socket'),
      checkReload: () => reloads.check(),
    });
  } catch (error) {
    if (enabled === true || path !== undefined) throw error;
    const remedy = error instanceof ComponentError ? { remedy: error.remedy } : {};
    logger.warn('there is no control socket: tap, top and reload will not find this collector', {
      reason: messageOf(error),
      ...remedy,
    });
    return undefined;
  }
}
