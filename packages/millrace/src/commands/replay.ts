import { stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import type { AgeIdentity } from '@millrace/codec';
import { ConfigErrors, parseDuration } from '@millrace/config';
import { ownerOf } from '@millrace/delivery';
import { readIdentities } from './cat/file-input.ts';
import { printFailure } from './print-failure.ts';
import { toolOptions } from './queue/tool-options.ts';
import { printErrors } from './read-config.ts';
import { DestinationLog } from './replay/destination-log.ts';
import { ReplayDestination } from './replay/replay-destination.ts';
import { Pace } from './replay/pace.ts';
import { ProgressLine } from './replay/progress-line.ts';
import { ReplayProgress } from './replay/replay-progress.ts';
import { ReplayRun, type ReplayCounts } from './replay/replay-run.ts';
import { replayFiles } from './replay/replay-source.ts';
import { untilSignal } from './until-signal.ts';

export interface ReplayOptions {
  readonly to: string;
  readonly config: readonly string[];
  readonly set: readonly string[];
  readonly where?: string;
  /** Items per second: `1000` or `1000/s`. */
  readonly rate?: string;
  /** How long a request is tried that is not taken, as a duration; 0: as long as the exporter's configuration says. */
  readonly giveUpAfter: string;
  readonly dryRun?: boolean;
  readonly delete?: boolean;
  readonly identity?: string;
  /** Sends also what was sent before. */
  readonly again?: boolean;
  /** Where it is kept what was sent; beside the source by default. */
  readonly state?: string;
  readonly output?: string;
}

/** Where output goes, and what interrupts it; for tests. */
export interface ReplaySurroundings {
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly interrupted: AbortSignal;
}

/** Sends what is in a file or directory again, at least once. The result is the exit code. */
export async function replay(
  source: string,
  options: ReplayOptions,
  around: ReplaySurroundings = {
    stdout: process.stdout,
    stderr: process.stderr,
    interrupted: untilSignal('SIGINT', 'SIGTERM'),
  },
): Promise<number> {
  const giveUpMs = parseDuration(options.giveUpAfter);
  if (giveUpMs === undefined || giveUpMs < 0) {
    around.stderr.write(`error: --give-up-after must be a duration such as 30s, got "${options.giveUpAfter}"\n`);
    return 2;
  }
  try {
    const { counts, failure } = await send(
      source,
      { ...options, giveUpMs: giveUpMs === 0 ? Infinity : giveUpMs },
      around,
    );
    around.stdout.write(options.output === 'json' ? `${JSON.stringify(counts)}\n` : textOf(counts, options));
    if (failure !== undefined) around.stderr.write(`millrace replay: ${failure}\n`);
    return failure === undefined && counts.refused === 0 && counts.damaged === 0 && counts.unfit === 0 ? 0 : 1;
  } catch (error) {
    if (error instanceof ConfigErrors) printErrors(error);
    else printFailure('replay', error, around.stderr);
    return 1;
  }
}

async function send(
  source: string,
  options: ReplayOptions & { readonly giveUpMs: number },
  { stderr, interrupted }: ReplaySurroundings,
): Promise<{ readonly counts: ReplayCounts; readonly failure: string | undefined }> {
  const { to, config, set, where, dryRun = false, giveUpMs } = options;
  const pace = Pace.of(options.rate);
  const identities: readonly AgeIdentity[] =
    options.identity === undefined ? [] : await readIdentities(options.identity);
  const files = await replayFiles(source, isHeld);
  const isDirectory = (await stat(source)).isDirectory();
  const place = { path: path.resolve(source), isDirectory };
  const again = dryRun || options.again === true;
  const progress = await ReplayProgress.open(place, [to, where ?? ''], { file: options.state, again });
  const logger = new DestinationLog(stderr);
  const destination = await ReplayDestination.open({ to, config, set, where, dryRun, giveUpMs, logger });
  const run = new ReplayRun({
    destination,
    progress,
    identities,
    pace,
    interrupted,
    isDry: dryRun,
    // What a condition leaves out would be lost.
    remove: options.delete === true && !dryRun && where === undefined ? (file) => unlink(file) : undefined,
    report: (text) => void stderr.write(`millrace replay: ${text}\n`),
  });
  // Retries end, and what is under way gets its answer.
  interrupted.addEventListener('abort', () => void destination.close());
  // The timers of a collector do not keep a process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  const line = new ProgressLine(stderr, () => run.counts);
  line.start();
  try {
    return { failure: await run.run(files), counts: run.counts };
  } finally {
    line.stop();
    if (!dryRun) await progress.save();
    await destination.close();
    clearInterval(alive);
  }
}

function textOf(counts: ReplayCounts, { dryRun, to }: ReplayOptions): string {
  const { sent, items, before, refused, damaged, unfit, deletedFiles } = counts;
  const number = (value: number) => value.toLocaleString('en');
  const of = (count: number, one: string, more = `${one}s`) => `${number(count)} ${count === 1 ? one : more}`;
  const parts = [
    `${of(sent, 'entry', 'entries')} (${of(items, 'item')}) ${dryRun === true ? 'would be sent' : 'sent'} to ${to}`,
    ...(before > 0 ? [`${number(before)} ${before === 1 ? 'was' : 'were'} sent before`] : []),
    ...(refused > 0 ? [`${number(refused)} refused`] : []),
    ...(damaged > 0 ? [`${number(damaged)} damaged`] : []),
    ...(unfit > 0 ? [`${number(unfit)} of a signal that cannot be sent there`] : []),
    ...(deletedFiles > 0 ? [`${of(deletedFiles, 'file')} deleted`] : []),
  ];
  return `${parts.join(', ')}\n`;
}

/** Whether a collector writes to a directory at this time. */
async function isHeld(directory: string): Promise<boolean> {
  return (await ownerOf(await toolOptions(directory, { keyFiles: [], besideOwner: true }))) !== undefined;
}
