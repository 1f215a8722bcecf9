import { describeConformance } from '@millrace/testkit';
import { secretOf } from './testing/decrypt.ts';

describeConformance(new URL('./index.ts', import.meta.url), {
  untouched: [`decrypt/all: { keys: [{ kid: k, value: ${secretOf(1)} }] }`],
});
