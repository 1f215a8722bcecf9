import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  failing: ['basicauth/gone: { htpasswd: { file: /nonexistent/users } }'],
});
