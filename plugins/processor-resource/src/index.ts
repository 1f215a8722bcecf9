import { defineProcessor, type StepTools, type Transform, Type } from '@millrace/api';
import type { AttributesView } from '@millrace/otlp';
import { attributeActions, AttributeActions, checkActions, usesContext } from '@millrace/rules';

/** Changes attributes of resources. */
export default defineProcessor({
  type: 'resource',
  summary: 'Inserts, updates, deletes, hashes, extracts and converts attributes of resources.',
  stability: 'beta',
  config: Type.Object({
    attributes: attributeActions('What to do with the attributes of each resource, in this order.'),
  }),
  examples: [
    {
      title: 'Say where the data was collected',
      yaml: [
        'resource:',
        '  attributes:',
        '    - { key: deployment.environment.name, value: staging, action: upsert }',
        '    - { key: k8s.cluster.name, from_attribute: k8s-cluster, action: insert }',
        '    - { key: k8s-cluster, action: delete }',
      ].join('\n'),
    },
  ],
  check: ({ attributes }) => checkActions(attributes, ['attributes']),
  usesContext: ({ attributes }) => usesContext(attributes),
  create({ attributes }, tools) {
    const change = changeWith(new AttributeActions(attributes), tools);
    return { logs: change, traces: change, metrics: change, profiles: change } satisfies Transform;
  },
});

interface WithResources {
  readonly resources: Iterable<{ readonly attributes: AttributesView }>;
}

function changeWith(actions: AttributeActions, tools: StepTools): (batch: WithResources) => void {
  return (batch) => {
    actions.begin(tools);
    for (const resource of batch.resources) actions.apply(resource.attributes);
  };
}
