import type { Writable } from 'node:stream';
import { ConfigErrors } from '@millrace/config';
import { systemClock } from '@millrace/engine';
import {
  isFlawless,
  LoadRun,
  type LoadReport,
  type LoadSignal,
  newRun,
  reportOf,
  reportText,
  type Schedule,
} from '@millrace/load';
import { KeepAlive } from '../keep-alive.ts';
import { CountingSink, type SinkOptions } from './generate/counting-sink.ts';
import { clientsOf, type GenerateOptions, msOf, requestsOf, scheduleOf } from './generate/load-plan.ts';
import { ProgressBar } from './generate/progress-bar.ts';
import { SinkCounts } from './generate/verification.ts';
import { printFailure } from './print-failure.ts';
import { printErrors } from './read-config.ts';
import { untilSignal } from './until-signal.ts';

/** Where output goes, and what interrupts it; for tests. */
export interface GenerateSurroundings {
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly interrupted: AbortSignal;
}

/** Sends load and reports what became of it. The result is the exit code. */
export async function generate(
  signal: LoadSignal,
  options: GenerateOptions,
  around: GenerateSurroundings = ofProcess(),
): Promise<number> {
  return guarded(around.stderr, async () => {
    const report = await send(signal, options, around);
    around.stdout.write(options.output === 'json' ? `${JSON.stringify(report)}\n` : reportText(report));
    return isFlawless(report) ? 0 : 1;
  });
}

/** Counts what it is sent until it is interrupted. The result is the exit code. */
export async function generateSink(
  options: SinkOptions & { readonly output?: string },
  around: GenerateSurroundings = ofProcess(),
): Promise<number> {
  return guarded(around.stderr, async () => {
    const sink = new CountingSink(options);
    const stopped = new Promise((resolve) => around.interrupted.addEventListener('abort', resolve));
    try {
      await sink.start();
      const { places, countsUrl } = sink;
      const text = `listens on ${places.join(', ')}; counts on ${countsUrl}`;
      around.stdout.write(`${options.output === 'json' ? JSON.stringify({ places, counts: countsUrl }) : text}\n`);
      await stopped;
    } finally {
      await sink.shutdown();
    }
    const { totals } = sink.arrivals;
    around.stdout.write(`${options.output === 'json' ? JSON.stringify(totals) : countsText(totals.items)}\n`);
    return 0;
  });
}

function countsText(items: Readonly<Record<string, number>>): string {
  const { logs, traces, metrics } = items;
  return `${logs} log records, ${traces} spans, ${metrics} data points arrived`;
}

async function guarded(stderr: Writable, action: () => Promise<number>): Promise<number> {
  try {
    return await new KeepAlive().during(action);
  } catch (error) {
    if (error instanceof ConfigErrors) printErrors(error);
    else printFailure('generate', error, stderr);
    return 1;
  }
}

async function send(
  signal: LoadSignal,
  options: GenerateOptions,
  { stderr, interrupted }: GenerateSurroundings,
): Promise<LoadReport> {
  const schedule = scheduleOf(options);
  const sink = options.verify === undefined ? undefined : new SinkCounts(options.verify);
  await sink?.totals();
  const run = newRun();
  const requests = requestsOf(signal, options, sink === undefined ? undefined : run);
  requests.prepare();
  const timeoutMs = msOf('--timeout', options.timeout);
  const clients = await clientsOf(signal, options, timeoutMs);
  try {
    const load = new LoadRun({
      schedule,
      requests,
      clients,
      clock: systemClock,
      retries: options.retry === true,
      graceMs: timeoutMs,
      interrupted,
    });
    const bar = new ProgressBar(stderr, { run: load, share: () => shareOf(schedule, load) });
    bar.start();
    await load.run().finally(() => bar.stop());
    const verified = await sink?.verify(run, load.acknowledgedItems, msOf('--settle', options.settle));
    return reportOf(load, { signal, isOpen: schedule.isOpen, verified });
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** How much of a load is done; undefined: it has no end. */
function shareOf({ items, settings: { durationMs } }: Schedule, { counts, elapsedMs }: LoadRun): number | undefined {
  if (Number.isFinite(items)) return counts.sent / items;
  return Number.isFinite(durationMs) ? elapsedMs / durationMs : undefined;
}

function ofProcess(): GenerateSurroundings {
  return { stdout: process.stdout, stderr: process.stderr, interrupted: untilSignal('SIGINT', 'SIGTERM') };
}
