import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url));
