import { defineExtension, Type } from '@millrace/api';

console.log('hello from the import');
(globalThis as Record<string, unknown>)['leftByImport'] = true;
setInterval(() => undefined, 1_000).unref();

export default defineExtension({
  type: 'side_effect_at_import',
  summary: 'Begins before anybody has asked it to.',
  stability: 'development',
  config: Type.Object({}),
  examples: [{ title: 'Defaults', yaml: 'side_effect_at_import:' }],
  create: () => ({}),
});
