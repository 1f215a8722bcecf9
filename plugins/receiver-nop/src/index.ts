import { defineReceiver, SIGNALS, Type } from '@millrace/api';

/** Receives nothing: for pipelines that get their data from connectors in tests, and to check configurations. */
export default defineReceiver({
  type: 'nop',
  summary: 'Receives nothing.',
  stability: 'stable',
  signals: SIGNALS,
  config: Type.Object({}),
  examples: [{ title: 'No settings', yaml: 'nop:' }],
  create: () => ({}),
});
