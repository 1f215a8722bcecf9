import { defineFunction } from '../../function/define-function.ts';
import { formatUuid } from './format-uuid.ts';

export const uuidV7 = defineFunction({
  name: 'UUIDv7',
  kind: 'converter',
  summary:
    'A UUID of the current time in milliseconds and random bits (version 7): later ones sort behind earlier ones.',
  details:
    'The twelve bits behind the milliseconds hold their fraction, so that the order is kept within a millisecond.',
  params: {},
  returns: 'string',
  pure: false,
  examples: [
    { title: 'with sevens for random bytes', code: 'UUIDv7()', result: '018bcfe5-6800-7000-8707-070707070707' },
    { code: 'Len(UUIDv7())', result: 36n },
    { code: 'UUIDv7(1)', invalid: 'UUIDv7 is called with 1 arguments' },
  ],
  make:
    (_, { now, randomBytes }) =>
    () => {
      const nanos = now();
      const bytes = Uint8Array.from(randomBytes(16));
      const view = new DataView(bytes.buffer);
      const fraction = ((nanos % 1_000_000n) << 12n) / 1_000_000n;
      view.setBigUint64(0, ((nanos / 1_000_000n) << 16n) | fraction);
      return formatUuid(bytes, 7);
    },
});
