import { createServer } from 'node:net';
import { defineExtension, Type } from '@millrace/api';

export default defineExtension({
  type: 'leaks_a_server',
  summary: 'Listens on a port that nobody closes.',
  stability: 'development',
  config: Type.Object({}),
  examples: [{ title: 'Defaults', yaml: 'leaks_a_server:' }],
  create: () => ({
    start: () => new Promise<void>((resolve) => void createServer().listen(0, '127.0.0.1', resolve)),
  }),
});
