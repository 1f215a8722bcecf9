import type { SpanView, TracesBatch } from '@millrace/otlp';
import { timeText } from './go-format.ts';
import { spanKindName, statusCodeName } from './names.ts';
import { TextLines, writeResource, writeScope } from './text-lines.ts';

/** Everything that spans say. */
export function detailedTraces(batch: TracesBatch): string {
  const lines = new TextLines();
  let resources = 0;
  for (const resource of batch.resources) {
    writeResource(lines, `ResourceSpans #${resources++}`, resource);
    let scopes = 0;
    for (const scope of resource.scopes) {
      writeScope(lines, 'ScopeSpans', scopes++, scope);
      let spans = 0;
      for (const span of scope.spans) {
        lines.line(`Span #${spans++}`);
        writeSpan(lines, span);
        writeEvents(lines, span);
        writeLinks(lines, span);
      }
    }
  }
  return lines.toString();
}

function writeSpan(lines: TextLines, span: SpanView): void {
  lines.field('Trace ID', span.traceId);
  lines.field('Parent ID', span.parentSpanId);
  lines.field('ID', span.spanId);
  lines.field('Name', span.name);
  lines.field('Kind', spanKindName(span.kind));
  if (span.traceState !== '') lines.field('TraceState', span.traceState);
  lines.field('Start time', timeText(span.startTimeUnixNano));
  lines.field('End time', timeText(span.endTimeUnixNano));
  lines.field('Status code', statusCodeName(span.statusCode));
  lines.field('Status message', span.statusMessage);
  lines.field('DroppedAttributesCount', String(span.droppedAttributesCount));
  lines.field('DroppedEventsCount', String(span.droppedEventsCount));
  lines.field('DroppedLinksCount', String(span.droppedLinksCount));
  lines.attributes('Attributes', span.attributes);
}

function writeEvents(lines: TextLines, span: SpanView): void {
  let events = 0;
  for (const event of span.events) {
    if (events === 0) lines.line('Events:');
    lines.line(`SpanEvent #${events++}`);
    lines.line(`     -> Name: ${event.name}`);
    lines.line(`     -> Timestamp: ${timeText(event.timeUnixNano)}`);
    lines.line(`     -> DroppedAttributesCount: ${event.droppedAttributesCount}`);
    lines.attributes('     -> Attributes:', event.attributes, '     ');
  }
}

function writeLinks(lines: TextLines, span: SpanView): void {
  let links = 0;
  for (const link of span.links) {
    if (links === 0) lines.line('Links:');
    lines.line(`SpanLink #${links++}`);
    lines.line(`     -> Trace ID: ${link.traceId}`);
    lines.line(`     -> ID: ${link.spanId}`);
    lines.line(`     -> TraceState: ${link.traceState}`);
    lines.line(`     -> DroppedAttributesCount: ${link.droppedAttributesCount}`);
    lines.attributes('     -> Attributes:', link.attributes, '     ');
  }
}
