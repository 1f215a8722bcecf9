import type { NewResource, NewScope, ResourceView } from '@millrace/otlp';

/** Puts resources behind all others of the batch that `last`, its last one, belongs to. */
export function addResources<Scope extends NewScope>(
  last: ResourceView<unknown>,
  resources: readonly NewResource<Scope>[],
): void {
  for (const resource of resources) last.addBehind(resource);
}

export function countResources(resources: Iterable<unknown>): number {
  let count = 0;
  for (const _ of resources) count++;
  return count;
}
