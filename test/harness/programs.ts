import { spawnSync } from 'node:child_process';

/** How long installing may take. */
export const INSTALL_TIMEOUT_MS = 300_000;
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

/** Debian packages of programs that are not named after them. */
const PACKAGES: Readonly<Record<string, string>> = { promtool: 'prometheus', script: 'bsdutils' };

/**
 * Makes sure that `programs` can be run: installs the Debian package of each that is missing. Test files that run in
 * parallel wait for one another. Throws when it cannot: a comparison that did not happen must not look like a success.
 */
export function ensurePrograms(...programs: readonly string[]): void {
  const missing = () => programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  if (missing().length === 0) return;
  const packages = programs.map((program) => PACKAGES[program] ?? program).join(' ');
  const install = `apt-get install -y --no-install-recommends ${packages}`;
  const result = spawnSync('flock', ['/tmp/millrace-test-programs.lock', 'sh', '-c', `apt-get update && ${install}`], {
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (missing().length === 0) return;
  const why = result.error?.message ?? result.stderr.trim().split('\n').at(-1) ?? '';
  throw new Error(`this test needs ${missing().join(', ')}: run "${install}" as root and try again (${why})`);
}

/** Runs a program to its end with `input` on its standard input; gives its standard output, or throws its standard error. */
export function pipeThrough(program: string, args: readonly string[], input: Uint8Array = new Uint8Array(0)): Buffer {
  const result = spawnSync(program, args, { input, maxBuffer: OUTPUT_BYTES_MAX });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${result.status}: ${result.stderr.toString().trim()}`);
  }
  return result.stdout;
}
