import type { ConfigProblem } from './problems.ts';

/** How problems are written out. */
export interface FormatSettings {
  /** ANSI colours. Default: off. */
  readonly color?: boolean;
  /** Below each problem the line it is about, with a caret. Default: off. */
  readonly excerpts?: boolean;
  /** `error` or `warning` after each place. Default: off. */
  readonly severity?: boolean;
}

/** Everything that is wrong with a configuration, sorted by position. */
export class ConfigErrors extends Error {
  readonly code = 'CONFIG_INVALID';
  readonly errors: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];

  constructor(errors: readonly ConfigProblem[], warnings: readonly ConfigProblem[]) {
    super(formatProblems(errors));
    this.name = 'ConfigErrors';
    this.errors = errors;
    this.warnings = warnings;
  }

  /** One line for each error: `file:line:col  where  what  what to do`. */
  format(settings: FormatSettings = {}): string {
    return formatProblems(this.errors, settings);
  }
}

/** One line for each problem: `file:line:col  where  what  what to do`, and its excerpt when asked for. */
export function formatProblems(problems: readonly ConfigProblem[], settings: FormatSettings = {}): string {
  return problems.map((problem) => formatProblem(problem, settings)).join('\n');
}

function formatProblem(problem: ConfigProblem, settings: FormatSettings): string {
  const paint = settings.color === true ? ansi : plain;
  const loud = problem.severity === 'error' ? 'red' : 'yellow';
  const parts = [
    paint('bold', problem.location),
    settings.severity === true ? paint(loud, problem.severity) : undefined,
    problem.where === '' ? undefined : paint('cyan', problem.where),
    paint(loud, problem.message),
    problem.remedy === undefined ? undefined : paint('green', problem.remedy),
  ];
  const line = parts.filter((part) => part !== undefined).join('  ');
  return settings.excerpts === true ? line + excerptOf(problem, paint) : line;
}

const EXCERPT_COLUMNS_MAX = 120;

function excerptOf({ origin, severity }: ConfigProblem, paint: typeof plain): string {
  if (origin.source.text === undefined) return '';
  const { line } = origin.source.position(origin.offset);
  let { text, column } = origin.source.excerpt(origin.offset);
  if (column > EXCERPT_COLUMNS_MAX - 20) {
    const cut = column - EXCERPT_COLUMNS_MAX / 2;
    text = `…${text.slice(cut + 1)}`;
    column -= cut;
  }
  if (text.length > EXCERPT_COLUMNS_MAX) text = `${text.slice(0, EXCERPT_COLUMNS_MAX - 1)}…`;
  const number = String(line).padStart(5);
  // Tabs stay tabs in the line of the caret, so that it stands below its character at any tab width.
  const indent = text.slice(0, column).replace(/[^\t]/g, ' ');
  const caret = paint(severity === 'error' ? 'red' : 'yellow', '^');
  return `\n${paint('dim', `${number} |`)} ${text}\n${paint('dim', '      |')} ${indent}${caret}`;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

function ansi(style: keyof typeof CODES, text: string): string {
  return `\u001b[${CODES[style]}m${text}\u001b[0m`;
}

function plain(_style: keyof typeof CODES, text: string): string {
  return text;
}
