import { type Key, type LogsBatch, LogsBuilder } from '@millrace/otlp';
import { Regrouping, type Regrouped } from './regrouping.ts';
import { addResources, countResources } from './replace-resources.ts';
import type { Survey } from './survey.ts';

/** Moves records to the resources that their attributes name. Undefined when all are where they belong. */
export function groupLogs(batch: LogsBatch, keys: readonly Key[], survey: Survey): Regrouped | undefined {
  if (isGrouped(batch, survey)) return undefined;
  const regrouping = new Regrouping(new LogsBuilder(), keys);
  let left = countResources(batch.resources);
  for (const resource of batch.resources) {
    regrouping.enterResource(resource);
    for (const scope of resource.scopes) {
      regrouping.enterScope(scope);
      for (const record of scope.records) {
        regrouping.scopeFor(record.attributes).copyRecord(record);
        record.drop();
      }
    }
    if (--left === 0) addResources(resource, regrouping.resources);
    resource.drop();
  }
  return regrouping;
}

function isGrouped(batch: LogsBatch, survey: Survey): boolean {
  survey.begin();
  for (const resource of batch.resources) {
    if (!survey.isNewResource(resource)) return false;
    for (const scope of resource.scopes) {
      if (!survey.isNewScope(scope)) return false;
      for (const record of scope.records) if (!survey.hasNoKey(record.attributes)) return false;
    }
  }
  return true;
}
