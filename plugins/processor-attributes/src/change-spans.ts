import type { SpanView, TracesBatch } from '@millrace/otlp';
import type { AttributeActions, Selection } from '@millrace/rules';

/** Applies actions to the spans that are selected. */
export function changeSpans(batch: TracesBatch, selection: Selection<SpanView>, actions: AttributeActions): void {
  if (selection.isEverything) {
    if (actions.edits !== undefined) batch.editAttributes(actions.edits);
    else for (const span of batch.spans) actions.apply(span.attributes);
    return;
  }
  for (const resource of batch.resources) {
    if (!selection.enterResource(resource.attributes)) continue;
    for (const scope of resource.scopes) {
      if (!selection.enterScope(scope)) continue;
      for (const span of scope.spans) if (selection.selects(span)) actions.apply(span.attributes);
    }
  }
}
