import { defineExtension, Type } from '@millrace/api';

export default defineExtension({
  type: 'leaks_a_timer',
  summary: 'Looks at something from time to time.',
  stability: 'development',
  config: Type.Object({}),
  examples: [{ title: 'Defaults', yaml: 'leaks_a_timer:' }],
  create: () => ({
    start() {
      setInterval(() => undefined, 1_000).unref();
    },
  }),
});
