import { spawn, type ChildProcess } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';

export interface CommandOptions {
  /** Working directory; its `node_modules/.bin` comes first on the PATH. */
  readonly root: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Passes the output on as it comes, besides collecting it. */
  readonly live?: boolean;
  /** Called with every line of output. */
  readonly onLine?: (line: string) => void;
  /** The command is killed after this time and counts as failed. */
  readonly limitMs: number;
}

export interface CommandResult {
  /** 128 + the signal's number for a death by signal, as shells have it. */
  readonly exitCode: number;
  /** Standard output and error, interleaved as they came. */
  readonly output: string;
}

const running = new Set<ChildProcess>();

/** Runs a program to its end. Never rejects: a program that cannot be started has failed, with the reason as its output. */
export function runCommand(
  command: string,
  args: readonly string[],
  { root, env, live = false, onLine, limitMs }: CommandOptions,
): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const binaries = path.join(root, 'node_modules', '.bin');
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PATH: `${binaries}${path.delimiter}${process.env['PATH'] ?? ''}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  running.add(child);
  let output = '';
  const collect = (chunk: string): void => {
    output += chunk;
    if (live) process.stdout.write(chunk);
    if (onLine !== undefined) chunk.split('\n').forEach((line) => onLine(line));
  };
  const timer = setTimeout(() => {
    collect(`\n${command} was stopped: it took longer than ${limitMs / 60_000} minutes\n`);
    child.kill('SIGKILL');
  }, limitMs);
  const settle = (exitCode: number): void => {
    clearTimeout(timer);
    running.delete(child);
    resolve({ exitCode, output });
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  child.on('error', (error) => {
    collect(`cannot start ${command}: ${error.message}\n`);
    settle(127);
  });
  child.on('close', (code, signal) => settle(code ?? 128 + os.constants.signals[signal ?? 'SIGKILL']));
  return promise;
}

/** Stops whatever runs when this process is told to stop, so that nothing is left behind. */
export function stopWithParent(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      for (const child of running) child.kill(signal);
      process.exit(128 + os.constants.signals[signal]);
    });
  }
}
