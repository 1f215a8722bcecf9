import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const LIMIT_MS = 300_000;

/** Runs a program to its end and gives its standard output. @throws Error with all of its output, where it fails. */
export async function command(program: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const settings = { env: process.env, ...options, maxBuffer: OUTPUT_BYTES_MAX, timeout: LIMIT_MS };
  try {
    return (await promisify(execFile)(program, [...args], settings)).stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr || message}`, { cause: error });
  }
}
