import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  untouched: [
    'filter/nothing: {}',
    'filter/empty: { logs: { include: , exclude: { match_type: strict } }, metrics: { include: { match_type: regexp } } }',
  ],
});
