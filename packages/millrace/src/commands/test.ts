import { once } from 'node:events';
import { glob, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '@millrace/api';
import { readSuite, runSuite, SUITE_SUFFIX } from '@millrace/rehearsal';
import { KeepAlive } from '../keep-alive.ts';
import { PluginRegistry } from '../registry.ts';
import { FileWatch } from '../service/file-watch.ts';
import type { FileReport } from './test/file-report.ts';
import { type Reporter, type ReporterName, reporterFor } from './test/reporters.ts';
import { untilSignal } from './until-signal.ts';

export interface TestOptions {
  /** Only tests whose names hold this text. */
  readonly testNamePattern?: string;
  readonly reporter: ReporterName;
  readonly watch?: boolean;
}

/**
 * Runs files of tests of pipelines: those named, and all below the folders named; all below the working directory where nothing
 * is. The result is the exit code: 1 where a test failed, a file has errors, or there is nothing to run.
 */
export async function test(places: readonly string[], options: TestOptions): Promise<number> {
  const run = async () => runFiles(await suitesIn(places.length > 0 ? places : ['.']), options);
  const { code, watched } = await run();
  if (options.watch !== true) return code;
  let latest = watched;
  let turn = Promise.resolve();
  const runAgain = async () => void (latest = (await run()).watched);
  const watch = new FileWatch(
    () => latest,
    () => void (turn = turn.then(runAgain)),
  );
  await watch.start();
  await new KeepAlive().during(() => once(untilSignal('SIGINT', 'SIGTERM'), 'abort'));
  watch.stop();
  return 0;
}

async function suitesIn(places: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    places.map(async (place) => ((await isFolder(place)) ? suitesBelow(place) : [place])),
  );
  return found.flat();
}

async function isFolder(place: string): Promise<boolean> {
  // What is not there at all is said where it is read.
  return (await stat(place).catch(() => undefined))?.isDirectory() ?? false;
}

async function suitesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const files = glob(`**/*${SUITE_SUFFIX}`, { cwd: folder, exclude: ['**/node_modules/**'] });
  for await (const file of files) found.push(path.join(folder, file));
  return found.sort();
}

async function runFiles(
  files: readonly string[],
  { testNamePattern, reporter: name }: TestOptions,
): Promise<{ readonly code: number; readonly watched: readonly string[] }> {
  const reporter: Reporter = reporterFor(name);
  const reports: FileReport[] = [];
  const watched = new Set(files);
  for (const file of files) {
    const report = await runFile(file, testNamePattern, watched);
    reports.push(report);
    reporter.file(report);
  }
  reporter.end(reports);
  const results = reports.flatMap((report) => report.results);
  const isFailed = reports.some(({ error }) => error !== undefined) || results.some(({ state }) => state === 'failed');
  const hasRun = results.some(({ state }) => state !== 'skipped');
  return { code: isFailed || !hasRun ? 1 : 0, watched: [...watched] };
}

async function runFile(file: string, pattern: string | undefined, watched: Set<string>): Promise<FileReport> {
  try {
    const suite = await readSuite(file);
    for (const config of suite.configs) watched.add(config);
    const only = (name: string) => pattern === undefined || name.includes(pattern);
    const results = await runSuite(suite, { registry: () => new PluginRegistry(), only });
    return { file, results, error: undefined };
  } catch (error) {
    return { file, results: [], error: error instanceof Error ? error : new Error(messageOf(error)) };
  }
}
