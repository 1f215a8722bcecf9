import { defineProcessor, type StepTools, Type } from '@millrace/api';
import { key, type TelemetryBatch } from '@millrace/otlp';
import { groupLogs } from './group-logs.ts';
import { groupMetrics } from './group-metrics.ts';
import { groupSpans } from './group-spans.ts';
import type { Regrouped } from './regrouping.ts';
import { Survey } from './survey.ts';

/** Moves items to resources made of their own attributes, and merges resources that are the same. */
export default defineProcessor({
  type: 'groupbyattrs',
  summary:
    'Moves items to resources that have the attributes named, and merges resources and scopes that are the same.',
  stability: 'beta',
  config: Type.Object({
    keys: Type.Array(Type.String(), {
      default: [],
      description: 'Attributes that move from items to their resource. Without any, same resources are merged only.',
    }),
  }),
  examples: [
    { title: 'Make resources of the hosts that data points name', yaml: 'groupbyattrs: { keys: [host.name] }' },
    { title: 'Merge what many small requests brought', yaml: 'groupbyattrs/compact: {}' },
  ],
  create: ({ keys: names }, tools) => {
    const keys = [...new Set(names)].filter((name) => name !== '').map((name) => key(name));
    const survey = new Survey(keys);
    return {
      logs: (batch) => count(tools, 'logs', batch, groupLogs(batch, keys, survey)),
      traces: (batch) => count(tools, 'spans', batch, groupSpans(batch, keys, survey)),
      metrics: (batch) => count(tools, 'metrics', batch, groupMetrics(batch, keys, survey)),
    };
  },
});

/** Under the Collector's names. */
function count(tools: StepTools, items: string, batch: TelemetryBatch, regrouped: Regrouped | undefined): void {
  const { grouped, notGrouped } = regrouped ?? { grouped: 0, notGrouped: batch.itemCount };
  if (grouped > 0) tools.count(`processor_groupbyattrs_num_grouped_${items}`, grouped);
  if (notGrouped > 0) tools.count(`processor_groupbyattrs_num_non_grouped_${items}`, notGrouped);
}
