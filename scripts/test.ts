/**
 * Runs everything: the static checks, all tests, and the comparison of costs with what the changes come from. The last line is `N passed, N failed`; a failing step shows its
 * whole output. With arguments (`npm test -- PATTERN`) runs only the test files whose path contains one, and with
 * `--static` only the static checks.
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runBenchGate } from './test/bench-gate.ts';
import { runCommand, stopWithParent } from './test/run-command.ts';
import { runStaticChecks } from './test/static-checks.ts';
import { NOTHING, sum, summaryLine, type Tally } from './test/tally.ts';
import { tallyVitest } from './test/vitest-report.ts';

const VITEST_LIMIT_MS = 30 * 60_000;

const root = path.dirname(import.meta.dirname);
const args = process.argv.slice(2);

stopWithParent();
let total = NOTHING;
if (args.length === 0 || args[0] === '--static') total = sum(total, await checkStatically());
if (args[0] !== '--static') total = sum(total, await runTests(args));
// Last: nothing else of ours runs beside it then.
if (args.length === 0) total = sum(total, await compareCosts());
for (const name of total.skipped) console.log(`skipped: ${name}`);
process.exitCode = total.failed > 0 ? 1 : 0;
console.log(summaryLine(total));

async function checkStatically(): Promise<Tally> {
  showProgress('static checks');
  const results = await runStaticChecks(root);
  for (const { name, passed, cached, durationMs, output } of results) {
    report(name, passed, cached ? 'unchanged' : seconds(durationMs), output);
  }
  const passed = results.filter((result) => result.passed).length;
  return { passed, failed: results.length - passed, skipped: [] };
}

async function runTests(patterns: readonly string[]): Promise<Tally> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-test-'));
  const reportFile = path.join(folder, 'report.json');
  const live = patterns.length > 0;
  const started = performance.now();
  const { exitCode, output } = await runCommand(
    'vitest',
    [
      'run',
      '--allowOnly=false',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...patterns,
    ],
    { root, ...(live ? { live } : { onLine: showProgress }), limitMs: VITEST_LIMIT_MS },
  );
  const tally = tallyVitest(await fs.readFile(reportFile, 'utf8').catch(() => undefined), exitCode);
  await fs.rm(folder, { recursive: true, force: true });
  const details = [summaryLine(tally), tally.problem, seconds(performance.now() - started)];
  report('tests', tally.failed === 0, details.filter((each) => each !== undefined).join(', '), live ? '' : output);
  return tally;
}

async function compareCosts(): Promise<Tally> {
  showProgress('bench gate');
  const { tally, details, output, durationMs } = await runBenchGate(root);
  report('bench gate', tally.failed === 0, `${details}, ${seconds(durationMs)}`, output);
  return tally;
}

function report(name: string, passed: boolean, details: string, output: string): void {
  clearProgress();
  if (!passed && output !== '') console.log(`\n${output.trimEnd()}\n`);
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(14)}  ${details}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** One line that is overwritten, on a terminal only. */
function showProgress(line: string): void {
  if (!process.stdout.isTTY || line.trim() === '') return;
  clearProgress();
  process.stdout.write(line.trim().slice(0, process.stdout.columns - 1));
}

function clearProgress(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K');
}
