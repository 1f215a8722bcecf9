import { defineReceiver, Type } from '@millrace/api';

export default defineReceiver({
  type: 'ignores_shutdown',
  summary: 'Makes an empty request every second, for ever.',
  stability: 'development',
  signals: ['logs'],
  config: Type.Object({}),
  examples: [{ title: 'Defaults', yaml: 'ignores_shutdown:' }],
  create: (_config, host) => ({
    start() {
      const tick = (): void => {
        host.consume('logs', { body: new Uint8Array(0) }).catch(() => undefined);
        host.clock.after(1_000, tick);
      };
      tick();
    },
  }),
});
