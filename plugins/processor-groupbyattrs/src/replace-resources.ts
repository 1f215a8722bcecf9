import type { NewResource, NewScope, ResourceView } from '@millrace/otlp';

/** Field of an export request in which its resources lie, whatever the signal. */
const RESOURCES = 1;

/** Puts resources behind all others of the batch that `last`, its last one, belongs to. */
export function addResources<Scope extends NewScope>(
  last: ResourceView<unknown>,
  resources: readonly NewResource<Scope>[],
): void {
  const request = last.container.parent;
  for (const resource of resources) request?.add(resource, RESOURCES);
}

export function countResources(resources: Iterable<unknown>): number {
  let count = 0;
  for (const _ of resources) count++;
  return count;
}
