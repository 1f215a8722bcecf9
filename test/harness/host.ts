import { type Exit, NODE, Program, REPOSITORY } from './millrace.ts';

/** How a program ended, and what it wrote. */
export interface HostRun extends Exit {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** Starts a program, TypeScript text, that can import what the repository has installed. */
export function startHost(source: string, env: Readonly<Record<string, string>> = {}): Program {
  const command = [NODE, '--no-warnings', '--input-type=module-typescript', '--eval', source];
  return new Program([], { command, cwd: REPOSITORY, env });
}

/** The same to its end. */
export async function runHost(source: string, env: Readonly<Record<string, string>> = {}): Promise<HostRun> {
  return ended(startHost(source, env));
}

export async function ended(program: Program): Promise<HostRun> {
  const exit = await program.exited;
  return { ...exit, stdout: program.stdout.entries, stderr: program.stderr.entries };
}
