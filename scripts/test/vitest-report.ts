import type { Tally } from './tally.ts';

/** The part of vitest's JSON report that is read. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/**
 * Counts the tests of a run. Whatever keeps vitest from having run every test counts as a failure: no report (a crash), a file that
 * could not be loaded, an error outside any test, no test at all.
 */
export function tallyVitest(report: string | undefined, exitCode: number): Tally & { readonly problem?: string } {
  const files = parse(report)?.testResults;
  if (files === undefined)
    return { passed: 0, failed: 1, skipped: [], problem: `vitest left no report (exit code ${exitCode})` };
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const skipped = tests.filter(({ status }) => SKIPPED.has(status)).map(({ fullName }) => fullName);
  const unloaded = files.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => isFailed(test.status)),
  ).length;
  const failed = tests.filter(({ status }) => isFailed(status)).length + unloaded;
  if (failed > 0) return { passed, failed, skipped };
  if (passed === 0) return { passed, failed: 1, skipped, problem: 'no test was run' };
  if (exitCode !== 0)
    return { passed, failed: 1, skipped, problem: `vitest failed outside of the tests (exit code ${exitCode})` };
  return { passed, failed, skipped };
}

const SKIPPED = new Set(['skipped', 'pending', 'todo', 'disabled']);

/** A status that nobody has heard of is a failure, not a pass. */
function isFailed(status: string): boolean {
  return status !== 'passed' && !SKIPPED.has(status);
}

function parse(report: string | undefined): VitestReport | undefined {
  try {
    const value = JSON.parse(report ?? '') as Partial<VitestReport> | null;
    return Array.isArray(value?.testResults) ? (value as VitestReport) : undefined;
  } catch {
    return undefined;
  }
}
