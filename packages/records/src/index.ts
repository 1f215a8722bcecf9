export {
  blockLines,
  changeLines,
  diffLines,
  type DiffPaint,
  expectationLines,
  markedLines,
  titleOf,
} from './diff-text.ts';
export { matchExactly, matchSubset, type Mismatch } from './match-records.ts';
export { diffFields, diffRecords, type FieldChange, type RecordChange } from './record-diff.ts';
export { recordText } from './record-text.ts';
export { readShortRecords, type ShortRecord } from './short-form.ts';
export { readRecords, type RecordSignal, type TelemetryRecord } from './telemetry-record.ts';
export { valueText, type Value, type ValueMap } from './value.ts';
export { type RecordDefaults, writeRequest } from './write-request.ts';
