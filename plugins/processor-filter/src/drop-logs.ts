import type { StepTools } from '@millrace/api';
import type { LogRecordView, LogsBatch } from '@millrace/otlp';
import { LogRule, NO_CRITERIA, Selection } from '@millrace/rules';
import type { FilterSettings, LogProperties } from './filter-settings.ts';
import { severityNumber } from './severity.ts';

export function logSelection({ include, exclude }: FilterSettings['logs']): Selection<LogRecordView> {
  return new Selection(ruleFor(include), ruleFor(exclude));
}

/** Properties without any criterion are ignored, as in the Collector. */
function ruleFor(properties: LogProperties | undefined): LogRule | undefined {
  if (properties === undefined) return undefined;
  const { resource_attributes, record_attributes, severity_texts, severity_number, bodies } = properties;
  const lists = [resource_attributes, record_attributes, severity_texts, bodies];
  if (severity_number === undefined && lists.every((list) => list.length === 0)) return undefined;
  return new LogRule({
    ...NO_CRITERIA,
    ...(properties.match_type === 'strict' || properties.match_type === 'regexp'
      ? { match_type: properties.match_type }
      : {}),
    ...(severity_number === undefined
      ? {}
      : {
          log_severity_number: {
            min: severityNumber(severity_number.min) ?? 0,
            match_undefined: severity_number.match_undefined,
          },
        }),
    resources: resource_attributes,
    attributes: record_attributes,
    log_severity_texts: severity_texts,
    log_bodies: bodies,
  });
}

/** Drops the records that are not selected, and with them scopes and resources that have none. */
export function dropLogs(batch: LogsBatch, selection: Selection<LogRecordView>, tools: StepTools): void {
  if (selection.isEverything) return;
  const before = batch.itemCount;
  for (const resource of batch.resources) {
    let scopesKept = 0;
    if (selection.enterResource(resource.attributes)) {
      for (const scope of resource.scopes) {
        let kept = 0;
        if (selection.enterScope(scope)) {
          for (const record of scope.records) {
            if (selection.selects(record)) kept++;
            else record.drop();
          }
        }
        if (kept > 0) scopesKept++;
        else scope.drop();
      }
    }
    if (scopesKept === 0) resource.drop();
  }
  tools.count('processor_filter_logs.filtered', before - batch.itemCount);
}
