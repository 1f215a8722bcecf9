import { runCommand, type CommandResult } from './run-command.ts';
import { NOTHING, type Tally } from './tally.ts';

/** Generous: what fails here is no noise of the machine. */
const BOUND = '1.5';
const LIMIT_MS = 8 * 60_000;
/** How the gate says that there is nothing that it could be compared with. */
const SKIPPED = /^nothing to compare with: (.*)$/m;

export interface GateOutcome {
  readonly tally: Tally;
  /** One line. */
  readonly details: string;
  readonly output: string;
  readonly durationMs: number;
}

/** Compares what a record costs with the revision that the working tree comes from, where there is one. */
export async function runBenchGate(root: string): Promise<GateOutcome> {
  const started = performance.now();
  const args = ['benchmarks/gate/run.ts', '--quick', '--bound', BOUND];
  const result = await runCommand('node', args, { root, limitMs: LIMIT_MS });
  return { ...outcomeOf(result), output: result.output, durationMs: performance.now() - started };
}

/** What the gate's output means. */
export function outcomeOf({ exitCode, output }: CommandResult): Pick<GateOutcome, 'tally' | 'details'> {
  const reason = SKIPPED.exec(output)?.[1];
  if (exitCode !== 0) return { tally: { ...NOTHING, failed: 1 }, details: 'a record costs more than it did' };
  if (reason !== undefined) {
    return { tally: { ...NOTHING, skipped: [`bench gate: ${reason}`] }, details: `skipped: ${reason}` };
  }
  return { tally: { ...NOTHING, passed: 1 }, details: `within ${BOUND} times the CPU of the base` };
}
