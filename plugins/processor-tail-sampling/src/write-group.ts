import type { ByteWriter } from '@millrace/otlp';
import type { ResourceEntry, ScopeEntry, SpanGroup } from './span-index.ts';

/** Appends an export request with the spans of a group: their bytes as they are, under each resource and scope once. */
export function writeGroup(out: ByteWriter, { scopes, starts, ends }: SpanGroup): void {
  let resource: ResourceEntry | undefined;
  let scope: ScopeEntry | undefined;
  let resourceMark = 0;
  let scopeMark = 0;
  for (let i = 0; i < scopes.length; i++) {
    if (scopes[i] !== scope) {
      if (scope !== undefined) out.close(scopeMark);
      scope = scopes[i];
      if (scope.resource !== resource) {
        if (resource !== undefined) out.close(resourceMark);
        if (scope.resource.request !== resource?.request)
          appendRanges(out, scope.resource.chunk, scope.resource.request);
        resource = scope.resource;
        resourceMark = out.openField(1);
        appendRanges(out, resource.chunk, resource.header);
      }
      scopeMark = out.openField(2);
      appendRanges(out, scope.resource.chunk, scope.header);
    }
    out.append(scope.resource.chunk, starts[i], ends[i]);
  }
  if (scope !== undefined) out.close(scopeMark);
  if (resource !== undefined) out.close(resourceMark);
}

function appendRanges(out: ByteWriter, chunk: Uint8Array, ranges: readonly number[]): void {
  for (let i = 0; i < ranges.length; i += 2) out.append(chunk, ranges[i], ranges[i + 1]);
}
