import type { LogRecordView, LogsBatch } from '@millrace/otlp';
import { timeText } from './go-format.ts';
import { severityName } from './names.ts';
import { TextLines, writeResource, writeScope } from './text-lines.ts';
import { typedText } from './value-text.ts';

/** Everything that log records say. */
export function detailedLogs(batch: LogsBatch): string {
  const lines = new TextLines();
  let resources = 0;
  for (const resource of batch.resources) {
    writeResource(lines, `ResourceLog #${resources++}`, resource);
    let scopes = 0;
    for (const scope of resource.scopes) {
      writeScope(lines, 'ScopeLogs', scopes++, scope);
      let records = 0;
      for (const record of scope.records) {
        lines.line(`LogRecord #${records++}`);
        writeRecord(lines, record);
      }
    }
  }
  return lines.toString();
}

function writeRecord(lines: TextLines, record: LogRecordView): void {
  const { severityNumber, eventName, bodyField } = record;
  lines.line(`ObservedTimestamp: ${timeText(record.observedTimeUnixNano)}`);
  lines.line(`Timestamp: ${timeText(record.timeUnixNano)}`);
  lines.line(`SeverityText: ${record.severityText}`);
  lines.line(`SeverityNumber: ${severityName(severityNumber)}(${severityNumber})`);
  if (eventName !== '') lines.line(`EventName: ${eventName}`);
  lines.line(`Body: ${typedText(bodyField.kind, bodyField.value)}`);
  lines.attributes('Attributes', record.attributes);
  lines.line(`Trace ID: ${record.traceId}`);
  lines.line(`Span ID: ${record.spanId}`);
  lines.line(`Flags: ${record.flags}`);
}
