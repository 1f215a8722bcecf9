import type { LogRecordView, LogsBatch } from '@millrace/otlp';
import type { AttributeActions, Selection } from '@millrace/rules';

/** Applies actions to the log records that are selected. The hot path: benchmarks/micro/attributes.ts. */
export function changeLogs(batch: LogsBatch, selection: Selection<LogRecordView>, actions: AttributeActions): void {
  if (selection.isEverything) {
    if (actions.edits !== undefined) batch.editAttributes(actions.edits);
    else for (const record of batch.records) actions.apply(record.attributes);
    return;
  }
  for (const resource of batch.resources) {
    if (!selection.enterResource(resource.attributes)) continue;
    for (const scope of resource.scopes) {
      if (!selection.enterScope(scope)) continue;
      for (const record of scope.records) if (selection.selects(record)) actions.apply(record.attributes);
    }
  }
}
