import { readFileSync } from 'node:fs';
import type { Paint } from './paint.ts';

/** A place in a file; lines and columns begin at 1. */
export interface CodePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Lines that are shown before and after. */
const AROUND = 2;
const COLUMNS_MAX = 160;

/** The first place that a text names: `/path/file.ts:3:14`. */
export function placeIn(text: string): CodePlace | undefined {
  const found = /((?:[a-zA-Z]:)?[\\/][^\s:]*\.[cm]?[jt]sx?):(\d+):(\d+)/.exec(text);
  return found === null ? undefined : { file: found[1], line: Number(found[2]), column: Number(found[3]) };
}

/** The lines around a place, with a caret; empty where the file cannot be read, or has changed since. */
export function codeFrame({ file, line, column }: CodePlace, paint: Paint): string {
  let lines: readonly string[];
  try {
    lines = readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return '';
  }
  if (line > lines.length) return '';
  const first = Math.max(1, line - AROUND);
  const last = Math.min(lines.length, line + AROUND);
  const width = String(last).length;
  const shown: string[] = [];
  for (let at = first; at <= last; at++) {
    const text = (lines[at - 1] ?? '').replaceAll('\t', ' ').slice(0, COLUMNS_MAX);
    const number = String(at).padStart(width);
    if (at !== line) {
      shown.push(paint.dim(`    ${number} | ${text}`));
      continue;
    }
    shown.push(`${paint.red('  >')} ${number} | ${text}`);
    if (column <= COLUMNS_MAX)
      shown.push(`    ${' '.repeat(width)} | ${' '.repeat(Math.max(column - 1, 0))}${paint.red('^')}`);
  }
  return shown.join('\n');
}
