import type { LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import type { RouteSettings } from './routing-settings.ts';

/** How far in something is that a route can be about: the whole batch, a resource, an item, a data point of an item. */
export const BATCH = 0;
export const RESOURCE = 1;
export const ITEM = 2;
export const POINT = 3;

export const LEVELS: Readonly<Record<NonNullable<RouteSettings['context']>, number>> = {
  request: BATCH,
  otelcol: RESOURCE,
  resource: RESOURCE,
  log: ITEM,
  span: ITEM,
  metric: ITEM,
  datapoint: POINT,
};

export type RoutedBatch = LogsBatch | TracesBatch | MetricsBatch;

/** Something that can be left out of a batch. */
export interface Part {
  drop(): void;
}

/** Told what a walk comes to. */
export interface Visitor {
  /** The walk is now at this view of a level; undefined where an item has nothing of that level. */
  enter(level: number, view: unknown): void;
  /** A part that is routed as one. The views that it is in are those that were entered last. */
  leaf(part: Part): void;
  /** A scope or resource that came with nothing in it that could be routed. */
  empty(part: Part): void;
}

/** Goes through all parts of a batch that are routed as one where routes look no further in than `depth`. */
export function walk(batch: RoutedBatch, depth: number, visitor: Visitor): void {
  for (const resource of batch.resources) {
    visitor.enter(RESOURCE, resource);
    if (depth <= RESOURCE) {
      visitor.leaf(resource);
      continue;
    }
    let filled = 0;
    for (const scope of resource.scopes) {
      let items = 0;
      if ('records' in scope) items = walkItems(scope.records, visitor);
      else if ('spans' in scope) items = walkItems(scope.spans, visitor);
      else {
        for (const metric of scope.metrics) {
          items++;
          visitor.enter(ITEM, metric);
          if (depth < POINT || walkPoints(metric.dataPoints, visitor) === 0) {
            if (depth === POINT) visitor.enter(POINT, undefined);
            visitor.leaf(metric);
          }
        }
      }
      if (items > 0) filled++;
      else visitor.empty(scope);
    }
    if (filled === 0) visitor.empty(resource);
  }
}

function walkItems(items: Iterable<Part>, visitor: Visitor): number {
  let count = 0;
  for (const item of items) {
    count++;
    visitor.enter(ITEM, item);
    visitor.leaf(item);
  }
  return count;
}

function walkPoints(points: Iterable<Part>, visitor: Visitor): number {
  let count = 0;
  for (const point of points) {
    count++;
    visitor.enter(POINT, point);
    visitor.leaf(point);
  }
  return count;
}
