import { messageOf } from '@millrace/api';
import type { ScriptSource } from './script-source.ts';

/** A script that cannot be used. The message says where in the script, and shows the place. */
export class ScriptError extends Error {
  readonly key: ScriptSource['key'];

  constructor(key: ScriptSource['key'], message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'ScriptError';
    this.key = key;
  }
}

/** Both count from 1. */
interface Position {
  readonly line: number;
  readonly column: number | undefined;
}

/** What the virtual machine calls a script, so that its stack traces can be searched for it. */
export function fileNameOf({ name }: ScriptSource): string {
  return `script:${name}`;
}

/** `code:3:14: TypeError: x is not a function`, with the line beneath; without the place where it is not known. */
export function describeFailure(error: unknown, source: ScriptSource): string {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : `threw ${preview(error)}`;
  return describeAt(what, source, thrownAt(error, source));
}

/** The same for text that is no program; `linesBefore` lines of what was compiled are not the script's. */
export function describeSyntaxError(error: unknown, source: ScriptSource, linesBefore: number): string {
  const position = refusedAt(error);
  if (position === undefined) return describeAt(messageOf(error), source, undefined);
  return describeAt(messageOf(error), source, { ...position, line: position.line - linesBefore });
}

function describeAt(what: string, source: ScriptSource, position: Position | undefined): string {
  if (position === undefined) return `${source.name}: ${what}`;
  const { line, column } = position;
  const place = column === undefined ? `${line}` : `${line}:${column}`;
  return `${source.name}:${place}: ${what}${excerpt(source.text, position)}`;
}

const EXCERPT_UNITS_MAX = 200;

function excerpt(text: string, { line, column }: Position): string {
  const shown = text.split('\n')[line - 1];
  if (shown === undefined || shown.length > EXCERPT_UNITS_MAX) return '';
  const number = `${line}`.padStart(4);
  const top = `\n${number} | ${shown.trimEnd()}`;
  if (column === undefined) return top;
  // Tabs are as wide beneath as above.
  const indent = shown.slice(0, column - 1).replaceAll(/[^\t]/g, ' ');
  return `${top}\n${' '.repeat(number.length)} | ${indent}^`;
}

/** The innermost place of a stack trace that is in the script. */
function thrownAt(error: unknown, source: ScriptSource): Position | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  if (stack === undefined) return undefined;
  const name = `${fileNameOf(source)}:`;
  for (let at = stack.indexOf(name); at >= 0; at = stack.indexOf(name, at + 1)) {
    const found = /^(\d+):(\d+)/.exec(stack.slice(at + name.length, at + name.length + 24));
    if (found !== null) return { line: Number(found[1]), column: Number(found[2]) };
  }
  return undefined;
}

/** Syntax errors begin with the line's number and some lines of text; a caret stands beneath the column, mostly. */
export function refusedAt(error: unknown): Position | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  const line = stack === undefined ? null : /^[^\n]*:(\d+)\n/.exec(stack);
  if (stack === undefined || line === null) return undefined;
  const caret = /\n([ \t]*)\^+\n/.exec(stack);
  return { line: Number(line[1]), column: caret === null ? undefined : caret[1].length + 1 };
}

const PREVIEW_UNITS_MAX = 100;

function preview(value: unknown): string {
  try {
    return String(value).slice(0, PREVIEW_UNITS_MAX);
  } catch {
    return typeof value;
  }
}
