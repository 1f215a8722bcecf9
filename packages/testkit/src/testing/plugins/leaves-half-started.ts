import { createServer } from 'node:net';
import { ComponentError, defineExtension, Type } from '@millrace/api';

export default defineExtension({
  type: 'leaves_half_started',
  summary: 'Listens, and fails at what comes next.',
  stability: 'development',
  config: Type.Object({ fail: Type.Boolean({ default: false, description: 'Whether the start fails.' }) }),
  examples: [{ title: 'Defaults', yaml: 'leaves_half_started:' }],
  create: ({ fail }) => ({
    async start() {
      if (!fail) return;
      await new Promise<void>((resolve) => void createServer().listen(0, '127.0.0.1', resolve));
      throw new ComponentError('the second step failed', { code: 'SECOND_STEP' });
    },
  }),
});
