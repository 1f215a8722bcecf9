import { defineReceiver, SIGNALS, Type } from '@millrace/api';
import { unattached } from './unattached.ts';

/** Takes what the program gives that the collector runs in; such a program has `Collector.start` attach it. */
export default defineReceiver({
  type: 'in_process',
  summary: 'Takes what the program gives that the collector runs in.',
  stability: 'beta',
  signals: SIGNALS,
  config: Type.Object({}),
  examples: [{ title: 'For collector.receiver("app")', yaml: 'in_process/app:' }],
  create: (_config, host) => unattached(host),
});
