import { InlineMill } from './inline-mill.ts';
import { IsolatingMill } from './isolation/isolating-mill.ts';
import type { Mill } from './mill.ts';
import type { MillSettings } from './mill-settings.ts';
import { PoolMill } from './pool-mill.ts';

/** Makes a mill; {@link Mill.start} gives it its plans. */
export function createMill(settings: MillSettings): Mill {
  const pool = settings.threads === 0 ? new InlineMill(settings) : new PoolMill(settings);
  const { isolated = [] } = settings;
  return isolated.length === 0 ? pool : new IsolatingMill(pool, isolated, settings);
}
