import {
  type DataPointView,
  LogsBatch,
  type LogRecordView,
  MetricsBatch,
  type SpanView,
  TracesBatch,
} from '@millrace/otlp';

export type LimitedSignal = 'logs' | 'traces' | 'metrics';
export type LimitedBatch = LogsBatch | TracesBatch | MetricsBatch;
export type ItemView = LogRecordView | SpanView | DataPointView;

/** What is around an item. */
export type Surrounding = 'resource' | 'scope' | 'metric';

/** Sees a batch in its order. Views are reused: valid during the call only. */
export interface ItemVisitor {
  enter(what: Surrounding, view: object): void;
  /** Whether the item stays. */
  item(view: ItemView): boolean;
}

export function openBatch(signal: LimitedSignal, chunks: readonly Uint8Array[]): LimitedBatch {
  if (signal === 'logs') return LogsBatch.of(chunks);
  return signal === 'traces' ? TracesBatch.of(chunks) : MetricsBatch.of(chunks);
}

/** Shows each item to the visitor, and drops those that do not stay, with metrics that lose all their points. */
export function walkItems(batch: LimitedBatch, visitor: ItemVisitor): void {
  if (batch instanceof MetricsBatch) {
    walkMetrics(batch, visitor);
    return;
  }
  for (const resource of batch.resources) {
    visitor.enter('resource', resource);
    for (const scope of resource.scopes) {
      visitor.enter('scope', scope);
      const items: Iterable<LogRecordView | SpanView> = 'records' in scope ? scope.records : scope.spans;
      for (const item of items) if (!visitor.item(item)) item.drop();
    }
  }
}

function walkMetrics(batch: MetricsBatch, visitor: ItemVisitor): void {
  for (const resource of batch.resources) {
    visitor.enter('resource', resource);
    for (const scope of resource.scopes) {
      visitor.enter('scope', scope);
      for (const metric of scope.metrics) {
        if (metric.type === 'empty') continue;
        visitor.enter('metric', metric);
        let points = 0;
        let kept = 0;
        for (const point of metric.dataPoints) {
          points++;
          if (visitor.item(point)) kept++;
          else point.drop();
        }
        if (points > 0 && kept === 0) metric.drop();
      }
    }
  }
}
