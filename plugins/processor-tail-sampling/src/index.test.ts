import { describeConformance } from '@millrace/testkit';

const SOME = '{ name: some, type: probabilistic, probabilistic: { sampling_percentage: 40 } }';

describeConformance(new URL('./index.ts', import.meta.url), {
  configs: [
    // Senders wait for the decisions, so that what is dropped is counted before the suite counts.
    `tail_sampling/waiting: { acknowledge: decided, decision_wait: 100ms, policies: [${SOME}] }`,
    `tail_sampling/bounded: { acknowledge: decided, decision_wait: 200ms, maximum_held_bytes: 4000, policies: [{ name: all, type: always_sample }] }`,
  ],
});
