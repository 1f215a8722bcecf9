import type { MetricsBatch, MetricView } from '@millrace/otlp';
import type { AttributeActions, Selection } from '@millrace/rules';

/** Applies actions to all data points of the metrics that are selected. */
export function changeDataPoints(
  batch: MetricsBatch,
  selection: Selection<MetricView>,
  actions: AttributeActions,
): void {
  if (selection.isEverything) {
    if (actions.edits !== undefined) batch.editAttributes(actions.edits);
    else for (const point of batch.dataPoints) actions.apply(point.attributes);
    return;
  }
  for (const resource of batch.resources) {
    if (!selection.enterResource(resource.attributes)) continue;
    for (const scope of resource.scopes) {
      if (!selection.enterScope(scope)) continue;
      for (const metric of scope.metrics) {
        if (!selection.selects(metric)) continue;
        for (const point of metric.dataPoints) actions.apply(point.attributes);
      }
    }
  }
}
