import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  configs: ['resourcedetection/process: { detectors: [process], refresh_interval: 1m }'],
  untouched: [
    'resourcedetection/nothing: { detectors: [] }',
    'resourcedetection/other: { detectors: [system], attributes: [no.such.attribute] }',
  ],
});
