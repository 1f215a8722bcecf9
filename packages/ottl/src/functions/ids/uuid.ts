import { defineFunction } from '../../function/define-function.ts';
import { formatUuid } from './format-uuid.ts';

export const uuid = defineFunction({
  name: 'UUID',
  kind: 'converter',
  summary: 'A random UUID (version 4).',
  params: {},
  returns: 'string',
  pure: false,
  examples: [
    { title: 'with sevens for random bytes', code: 'UUID()', result: '07070707-0707-4707-8707-070707070707' },
    { code: 'Len(UUID())', result: 36n },
    { code: 'UUID(1)', invalid: 'UUID is called with 1 arguments' },
  ],
  make:
    (_, { randomBytes }) =>
    () =>
      formatUuid(randomBytes(16), 4),
});
