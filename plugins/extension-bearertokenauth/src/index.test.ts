import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  failing: ['bearertokenauth/gone: { filename: /nonexistent/token }'],
});
