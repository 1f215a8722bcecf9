import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  configs: [
    'batch/cut: { send_batch_size: 3, send_batch_max_size: 3, timeout: 100ms }',
    'batch/small: { send_batch_size: 2 }',
    'batch/off: { timeout: 0 }',
  ],
});
