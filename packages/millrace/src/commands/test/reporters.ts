import type { TestResult } from '@millrace/rehearsal';
import { type Paint, paintFor } from '../../display/paint.ts';
import { counted } from '../read-config.ts';
import { errorText, type FileReport } from './file-report.ts';

export const REPORTERS = ['pretty', 'json', 'junit'] as const;

export type ReporterName = (typeof REPORTERS)[number];

/** Shows how tests end. */
export interface Reporter {
  /** Called after each file. */
  file(report: FileReport): void;
  /** Called once, with all of them. */
  end(reports: readonly FileReport[]): void;
}

export function reporterFor(name: ReporterName): Reporter {
  switch (name) {
    case 'pretty':
      return new PrettyReporter(paintFor(process.stdout));
    case 'json':
      return { file: () => undefined, end: (reports) => void process.stdout.write(jsonReport(reports)) };
    case 'junit':
      return { file: () => undefined, end: (reports) => void process.stdout.write(junitReport(reports)) };
  }
}

class PrettyReporter implements Reporter {
  readonly #paint: Paint;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  file({ file, results, error }: FileReport): void {
    const paint = this.#paint;
    const lines = [paint.bold(file)];
    for (const result of results) {
      if (result.state === 'skipped') continue;
      const isPassed = result.state === 'passed';
      const time = paint.dim(`${result.durationMs.toFixed(0)} ms`);
      lines.push(`  ${isPassed ? paint.green('✓') : paint.red('✗')} ${result.name}  ${time}`);
      lines.push(...failureLines(result, paint).map((line) => `    ${line}`));
    }
    process.stdout.write(`${lines.join('\n')}\n`);
    if (error !== undefined) process.stderr.write(errorText(error, process.stderr));
  }

  end(reports: readonly FileReport[]): void {
    const paint = this.#paint;
    const results = reports.flatMap((report) => report.results);
    const count = (state: TestResult['state']) => results.filter((result) => result.state === state).length;
    const broken = reports.filter(({ error }) => error !== undefined).length;
    const parts = [
      count('passed') > 0 ? paint.green(`${count('passed')} passed`) : '',
      count('failed') > 0 ? paint.red(`${count('failed')} failed`) : '',
      count('skipped') > 0 ? paint.dim(`${count('skipped')} skipped`) : '',
      broken > 0 ? paint.red(`${counted(broken, 'file')} with errors`) : '',
    ].filter((part) => part !== '');
    const summary =
      parts.length > 0 ? parts.join(', ') : paint.red('there are no tests: name files that end in .test.yaml');
    process.stdout.write(`${summary}\n`);
    // Nothing but skipped tests: the exit code says that this is a failure.
    if (results.length > 0 && results.length === count('skipped') && broken === 0)
      process.stdout.write(`${paint.red('no test was run: no name holds the text of -t')}\n`);
  }
}

function failureLines({ failures, way }: TestResult, paint: Paint): string[] {
  const lines = failures.flatMap(({ location, message, details }) => [
    `${paint.bold(location)}  ${message}`,
    ...details(paint).map((line) => `  ${line}`),
  ]);
  return [...lines, ...way.map((line) => paint.dim(`passed: ${line}`))];
}

const PLAIN = paintFor({ isTTY: false });

function jsonReport(reports: readonly FileReport[]): string {
  const files = reports.map(({ file, results, error }) => ({
    file,
    ...(error === undefined ? {} : { error: errorText(error, {}).trimEnd() }),
    tests: results.map(({ name, location, state, durationMs, failures, way }) => ({
      name,
      location,
      state,
      durationMs: Math.round(durationMs * 1000) / 1000,
      failures: failures.map((failure) => ({
        location: failure.location,
        message: failure.message,
        details: failure.details(PLAIN),
      })),
      way,
    })),
  }));
  return `${JSON.stringify({ files }, undefined, 2)}\n`;
}

/** The form that continuous integration servers read: a suite for each file. */
function junitReport(reports: readonly FileReport[]): string {
  const suites = reports.map(({ file, results, error }) => {
    const cases = results.map((result) => {
      const open = `    <testcase classname="${xml(file)}" name="${xml(result.name)}" time="${(result.durationMs / 1000).toFixed(3)}">`;
      if (result.state === 'skipped') return `${open}<skipped/></testcase>`;
      if (result.state === 'passed') return `${open}</testcase>`;
      const text = xml(failureLines(result, PLAIN).join('\n'));
      return `${open}<failure message="${xml(result.failures[0]?.message ?? '')}">${text}</failure></testcase>`;
    });
    if (error !== undefined) {
      const text = xml(errorText(error, {}));
      cases.push(`    <testcase classname="${xml(file)}" name="${xml(file)}"><error>${text}</error></testcase>`);
    }
    const failed = results.filter(({ state }) => state === 'failed').length;
    const skipped = results.filter(({ state }) => state === 'skipped').length;
    const counts = `tests="${cases.length}" failures="${failed}" errors="${error === undefined ? 0 : 1}" skipped="${skipped}"`;
    return [`  <testsuite name="${xml(file)}" ${counts}>`, ...cases, '  </testsuite>'].join('\n');
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

function xml(text: string): string {
  const escaped = text.replaceAll(/[&<>"\n]/g, (character) => XML_NAMES[character] ?? character);
  // oxlint-disable-next-line no-control-regex -- XML 1.0 has no way to write them
  return escaped.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd');
}

const XML_NAMES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};
