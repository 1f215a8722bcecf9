import { describeConformance } from '@millrace/testkit';

// Kept items say with which probability they were, so every configuration that keeps any changes them.
describeConformance(new URL('./index.ts', import.meta.url), {
  configs: [
    'probabilistic_sampler/all: { sampling_percentage: 100, fail_closed: false }',
    'probabilistic_sampler/none: { sampling_percentage: 0 }',
    'probabilistic_sampler/proportional: { mode: proportional, sampling_percentage: 50 }',
  ],
});
