/** What kind of mistake a statement has. */
export type OttlErrorCode =
  | 'SYNTAX'
  | 'LITERAL'
  | 'UNKNOWN_FUNCTION'
  | 'WRONG_KIND'
  | 'ARGUMENT_COUNT'
  | 'ARGUMENT_NAME'
  | 'ARGUMENT_TYPE'
  | 'UNKNOWN_PATH'
  | 'READ_ONLY'
  | 'UNKNOWN_ENUM'
  | 'TYPE'
  | 'CONTEXT'
  | 'LIMIT';

/** Where in a statement: `offset` counts UTF-16 units from 0, `line` and `column` count from 1. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

export interface OttlErrorDetails {
  readonly code: OttlErrorCode;
  readonly message: string;
  /** The statement or condition that it is in, as it was written. */
  readonly source: string;
  readonly offset: number;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  /** The nearest valid name. */
  readonly suggestion?: string | undefined;
  readonly cause?: unknown;
}

/**
 * One mistake in one statement. The message stands for itself: `line:column: what is wrong, what was expected, what to write`.
 * To show it in a file, add `position` to where the statement begins.
 */
export class OttlError extends Error {
  override readonly name = 'OttlError';
  readonly code: OttlErrorCode;
  readonly source: string;
  readonly position: Position;
  /** The message without position and hints. */
  readonly reason: string;
  readonly expected: string | undefined;
  readonly found: string | undefined;
  readonly suggestion: string | undefined;
  /** Which of the statements that were compiled together, from 0; -1 when it is about all of them. */
  statement = -1;

  constructor(details: OttlErrorDetails) {
    const position = positionIn(details.source, details.offset);
    const expected = details.expected === undefined ? '' : `; expected ${details.expected}`;
    const found = details.found === undefined ? '' : `, found ${details.found}`;
    const hint = details.suggestion === undefined ? '' : `; did you mean ${details.suggestion}?`;
    super(`${position.line}:${position.column}: ${details.message}${expected}${found}${hint}`, {
      cause: details.cause,
    });
    this.code = details.code;
    this.reason = details.message;
    this.source = details.source;
    this.position = position;
    this.expected = details.expected;
    this.found = details.found;
    this.suggestion = details.suggestion;
  }

  /** The line of the statement that the mistake is in, and a caret below it. */
  get excerpt(): string {
    const line = this.source.split('\n')[this.position.line - 1] ?? '';
    return `${line}\n${' '.repeat(this.position.column - 1)}^`;
  }
}

/** Everything that is wrong with statements that were compiled together. */
export class OttlErrors extends Error {
  override readonly name = 'OttlErrors';
  readonly code = 'OTTL_INVALID';
  readonly errors: readonly OttlError[];

  constructor(errors: readonly OttlError[]) {
    super(errors.map((error) => `${error.message}\n  in: ${error.source}`).join('\n'));
    this.errors = errors;
  }
}

/** What goes wrong while a statement runs, for one record. The error mode says what becomes of it. */
export class OttlRuntimeError extends Error {
  override readonly name = 'OttlRuntimeError';
  readonly code = 'OTTL_RUNTIME';
}

export function positionIn(source: string, offset: number): Position {
  let line = 1;
  let lineStart = 0;
  for (let i = source.indexOf('\n'); i >= 0 && i < offset; i = source.indexOf('\n', i + 1)) {
    line++;
    lineStart = i + 1;
  }
  return { offset, line, column: offset - lineStart + 1 };
}
