import { type Key, type TracesBatch, TracesBuilder } from '@millrace/otlp';
import { Regrouping, type Regrouped } from './regrouping.ts';
import { addResources, countResources } from './replace-resources.ts';
import type { Survey } from './survey.ts';

/** Moves spans to the resources that their attributes name. Undefined when all are where they belong. */
export function groupSpans(batch: TracesBatch, keys: readonly Key[], survey: Survey): Regrouped | undefined {
  if (isGrouped(batch, survey)) return undefined;
  const regrouping = new Regrouping(new TracesBuilder(), keys);
  let left = countResources(batch.resources);
  for (const resource of batch.resources) {
    regrouping.enterResource(resource);
    for (const scope of resource.scopes) {
      regrouping.enterScope(scope);
      for (const span of scope.spans) {
        regrouping.scopeFor(span.attributes).copySpan(span);
        span.drop();
      }
    }
    if (--left === 0) addResources(resource, regrouping.resources);
    resource.drop();
  }
  return regrouping;
}

function isGrouped(batch: TracesBatch, survey: Survey): boolean {
  survey.begin();
  for (const resource of batch.resources) {
    if (!survey.isNewResource(resource)) return false;
    for (const scope of resource.scopes) {
      if (!survey.isNewScope(scope)) return false;
      for (const span of scope.spans) if (!survey.hasNoKey(span.attributes)) return false;
    }
  }
  return true;
}
