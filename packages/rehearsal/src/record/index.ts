export { blockLines, changeLines, diffLines, type DiffPaint, titleOf } from './diff-text.ts';
export { diffFields, diffRecords, type FieldChange, type RecordChange } from './record-diff.ts';
export { recordText } from './record-text.ts';
export { readRecords, type RecordSignal, type TelemetryRecord } from './telemetry-record.ts';
export { valueText, type Value, type ValueMap } from './value.ts';
