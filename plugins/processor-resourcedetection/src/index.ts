import { defineProcessor } from '@millrace/api';
import type { AttributesView } from '@millrace/otlp';
import { checkDetection } from './check-detection.ts';
import { Detection } from './detection.ts';
import { detectionSettings } from './detection-settings.ts';
import { thisMachine } from './machine.ts';
import type { ResourceMerge } from './resource-merge.ts';

/** Adds what the environment and the host say of themselves to resources. */
export default defineProcessor({
  type: 'resourcedetection',
  aliases: ['resource_detection'],
  summary: 'Adds attributes of the environment, the host, the process, the container or the cloud to resources.',
  stability: 'beta',
  config: detectionSettings,
  examples: [
    {
      title: 'Say on which host it was, and what the environment says',
      yaml: 'resourcedetection: { detectors: [env, system], timeout: 2s, override: false }',
    },
    {
      title: 'Say more of the host, by the name that the kernel knows',
      yaml: [
        'resourcedetection/host:',
        '  detectors: [system, container]',
        '  system:',
        '    hostname_sources: [os]',
        '    resource_attributes:',
        '      host.arch: { enabled: true }',
        '      host.id: { enabled: true }',
        '      os.description: { enabled: true }',
      ].join('\n'),
    },
  ],
  check: checkDetection,
  create: (settings, tools) => {
    const detection = new Detection(thisMachine(), settings, tools);
    return {
      logs: (batch) => mergeInto(batch, detection.merge),
      traces: (batch) => mergeInto(batch, detection.merge),
      metrics: (batch) => mergeInto(batch, detection.merge),
      profiles: (batch) => mergeInto(batch, detection.merge),
    };
  },
});

function mergeInto(
  batch: { readonly resources: Iterable<{ readonly attributes: AttributesView }> },
  merge: ResourceMerge,
): void {
  for (const resource of batch.resources) merge.apply(resource.attributes);
}
