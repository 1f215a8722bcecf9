import type { StepTools } from '@millrace/api';
import type { SpanView, TracesBatch } from '@millrace/otlp';
import { Selection, SpanRule } from '@millrace/rules';
import type { FilterSettings } from './filter-settings.ts';

export function spanSelection({ include, exclude }: FilterSettings['spans']): Selection<SpanView> {
  return new Selection(include && new SpanRule(include), exclude && new SpanRule(exclude));
}

/** Drops the spans that are not selected, and with them scopes and resources that have none. */
export function dropSpans(batch: TracesBatch, selection: Selection<SpanView>, tools: StepTools): void {
  if (selection.isEverything) return;
  const before = batch.itemCount;
  for (const resource of batch.resources) {
    let scopesKept = 0;
    if (selection.enterResource(resource.attributes)) {
      for (const scope of resource.scopes) {
        let kept = 0;
        if (selection.enterScope(scope)) {
          for (const span of scope.spans) {
            if (selection.selects(span)) kept++;
            else span.drop();
          }
        }
        if (kept > 0) scopesKept++;
        else scope.drop();
      }
    }
    if (scopesKept === 0) resource.drop();
  }
  tools.count('processor_filter_spans.filtered', before - batch.itemCount);
}
