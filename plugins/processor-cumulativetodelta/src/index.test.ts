import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  untouched: ['cumulativetodelta/none: { include: { match_type: strict, metrics: [none] } }'],
});
