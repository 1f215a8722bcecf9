import { defineFunction } from '../../function/define-function.ts';
import { Time } from '../../value/time.ts';

export const now = defineFunction({
  name: 'Now',
  kind: 'converter',
  summary: 'The current time.',
  params: {},
  returns: 'time',
  pure: false,
  examples: [{ code: 'Now()', result: new Time(1_700_000_000_000_000_000n) }],
  make:
    (_, { now: clock }) =>
    () =>
      new Time(clock()),
});
