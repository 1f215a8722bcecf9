import fs from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from './run-command.ts';

/** The root tasks of turbo.json, each a script of package.json, in the order in which they are reported. */
export const STATIC_CHECKS = [
  'format:check',
  'lint',
  'types',
  'boundaries',
  'lockfile',
  'generate:check',
  'unused',
] as const;

export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  /** True when nothing it looks at has changed since it last passed. */
  readonly cached: boolean;
  readonly durationMs: number;
  readonly output: string;
}

/** The part of turbo's run summary that is read. */
interface TurboSummary {
  readonly tasks: readonly TurboTask[];
}

interface TurboTask {
  readonly task: string;
  readonly logFile: string;
  readonly cache: { readonly status: string };
  readonly execution?: { readonly startTime: number; readonly endTime: number; readonly exitCode: number | null };
}

const LIMIT_MS = 10 * 60_000;

const QUIET = {
  // The whole run was set up when it began.
  MILLRACE_SET_UP: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  TURBO_PRINT_VERSION_DISABLED: '1',
  DO_NOT_TRACK: '1',
  npm_config_loglevel: 'silent',
  npm_config_update_notifier: 'false',
};

/** Runs all static checks side by side. A check that turbo does not report on has failed. */
export async function runStaticChecks(root: string): Promise<CheckResult[]> {
  const args = ['run', ...STATIC_CHECKS.map((name) => `//#${name}`), '--continue=always', '--summarize'];
  const turbo = await runCommand('turbo', [...args, '--output-logs=none', '--no-color'], {
    root,
    env: QUIET,
    limitMs: LIMIT_MS,
  });
  const tasks = await readSummary(turbo.output);
  return Promise.all(
    STATIC_CHECKS.map(async (name): Promise<CheckResult> => {
      const task = tasks?.find((each) => each.task === name);
      if (task === undefined) {
        return { name, passed: false, cached: false, durationMs: 0, output: `turbo did not run it:\n${turbo.output}` };
      }
      const { cache, execution } = task;
      const cached = cache.status === 'HIT';
      const durationMs = execution === undefined ? 0 : execution.endTime - execution.startTime;
      const passed = cached || execution?.exitCode === 0;
      return { name, passed, cached, durationMs, output: passed ? '' : await readLog(root, task, turbo.output) };
    }),
  );
}

async function readSummary(output: string): Promise<readonly TurboTask[] | undefined> {
  const file = /^\s*Summary:\s+(\S.*\.json)\s*$/m.exec(output)?.[1];
  if (file === undefined) return undefined;
  try {
    return (JSON.parse(await fs.readFile(file, 'utf8')) as TurboSummary).tasks;
  } catch {
    return undefined;
  } finally {
    await fs.rm(file, { force: true });
  }
}

async function readLog(root: string, task: TurboTask, otherwise: string): Promise<string> {
  try {
    return await fs.readFile(path.join(root, task.logFile), 'utf8');
  } catch {
    return otherwise;
  }
}
