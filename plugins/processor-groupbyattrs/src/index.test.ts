import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  untouched: ['groupbyattrs/nowhere: { keys: [no.such.attribute, "", no.such.attribute] }'],
});
