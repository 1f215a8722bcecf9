import { spawnSync } from 'node:child_process';

/**
 * Makes sure that `programs` can be run, for a test that compares with them: installs the Debian package of the same name (or
 * the one named in `packages`) of each that is missing. Test files that run in parallel wait for one another.
 *
 * Give the hook that calls it a timeout of {@link INSTALL_TIMEOUT_MS}.
 *
 * @throws Error that says what to install by hand if it cannot: a comparison that did not happen must not look like a success
 */
export function ensurePrograms(programs: readonly string[], packages: Readonly<Record<string, string>> = {}): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const names = missing.map((program) => packages[program] ?? program).join(' ');
  const install = `apt-get install -y --no-install-recommends ${names}`;
  const script = `for p in ${missing.join(' ')}; do command -v $p || need=1; done; [ -z "$need" ] || (apt-get update && ${install})`;
  const result = spawnSync('flock', ['/tmp/millrace-test-programs.lock', 'sh', '-c', script], {
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  const still = missing.filter((program) => !isInstalled(program));
  if (still.length === 0) return;
  const why = result.error?.message ?? result.stderr.trim().split('\n').at(-1) ?? '';
  throw new Error(`this test needs ${still.join(', ')}: run "${install}" as root and try again (${why})`);
}

/** Runs a program with `input` on its standard input; returns its standard output, and throws with its standard error if it fails. */
export function runProgram(program: string, args: readonly string[], input: Uint8Array = new Uint8Array(0)): Buffer {
  const result = spawnSync(program, args, { input, maxBuffer: OUTPUT_BYTES_MAX });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${result.status}: ${result.stderr.toString().trim()}`);
  }
  return result.stdout;
}

/** How long installing may take. */
export const INSTALL_TIMEOUT_MS = 300_000;

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
