import { defineExporter, SIGNALS, Type } from '@millrace/api';

/** Accepts everything and forgets it: for tests, and to measure what the rest of a pipeline costs. */
export default defineExporter({
  type: 'nop',
  summary: 'Accepts everything and forgets it.',
  stability: 'stable',
  signals: SIGNALS,
  config: Type.Object({}),
  examples: [{ title: 'No settings', yaml: 'nop:' }],
  create: () => ({
    guarantee: 'memory',
    send: () => Promise.resolve(),
  }),
});
