import type { FieldChange, RecordChange } from './record-diff.ts';
import { recordText } from './record-text.ts';
import type { TelemetryRecord } from './telemetry-record.ts';
import { valueText } from './value.ts';

/** What colours a text; see `paintFor`. */
export interface DiffPaint {
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

/** Most characters of a value that are shown. */
const VALUE_MAX = 200;

/** `~ severity  "INFO" → "WARN"`, a line for each field. */
export function changeLines(changes: readonly FieldChange[], paint: DiffPaint): string[] {
  return changes.map(({ path, before, after }) => {
    if (before === undefined) return paint.green(`+ ${path}  ${shown(after!)}`);
    if (after === undefined) return paint.red(`- ${path}  ${shown(before)}`);
    return `${paint.yellow('~')} ${path}  ${paint.red(shown(before))} → ${paint.green(shown(after))}`;
  });
}

/** `severity  expected "WARN", got "INFO"`, where `before` is what was expected. */
export function expectationLines(changes: readonly FieldChange[], paint: DiffPaint): string[] {
  return changes.map(({ path, before, after }) => {
    if (before === undefined) return `${path}  ${paint.green(`got ${shown(after!)}`)}, which is not expected`;
    const got = after === undefined ? 'is not there' : `got ${shown(after)}`;
    return `${path}  ${paint.red(`expected ${shown(before)}`)}, ${paint.green(got)}`;
  });
}

function shown(value: Parameters<typeof valueText>[0]): string {
  const text = valueText(value);
  return text.length <= VALUE_MAX ? text : `${text.slice(0, VALUE_MAX)}… (${text.length} characters)`;
}

/** What happened to records, for people: unchanged ones are only counted. */
export function diffLines(
  changes: readonly RecordChange[],
  records: { readonly before: readonly TelemetryRecord[]; readonly after: readonly TelemetryRecord[] },
  paint: DiffPaint,
): string[] {
  const lines: string[] = [];
  for (const change of changes) {
    switch (change.kind) {
      case 'unchanged':
        break;
      case 'changed': {
        lines.push(`  ${titleOf(records.before[change.before])}`);
        lines.push(...changeLines(change.changes, paint).map((line) => `    ${line}`));
        break;
      }
      case 'dropped':
        lines.push(paint.red(`- ${titleOf(records.before[change.before])}`));
        break;
      case 'added':
        lines.push(...markedLines(records.after[change.after], '+').map((line) => paint.green(line)));
    }
  }
  const same = changes.filter(({ kind }) => kind === 'unchanged').length;
  if (same > 0 && lines.length > 0) lines.push(paint.dim(`  ${same} unchanged`));
  return lines;
}

/** A record in the short form, by lines. */
export function blockLines(record: TelemetryRecord): string[] {
  return recordText(record).trimEnd().split('\n');
}

/** A record in the short form with a mark in front of each line. */
export function markedLines(record: TelemetryRecord, mark: '+' | '-'): string[] {
  return blockLines(record).map((line) => `${mark}${line.slice(1)}`);
}

/** What people call a record by: its name or body. */
export function titleOf({ fields }: TelemetryRecord): string {
  const name = fields.get('name') ?? fields.get('event_name') ?? fields.get('body');
  return name === undefined ? '(no body)' : shown(name);
}
