import { ComponentError, type Logger, messageOf } from '@millrace/api';
import type { LogLevel, ShutdownReport } from '@millrace/engine';
import { Collector, createLogger } from '@millrace/engine';
import { trimHeapWhenIdle } from '@millrace/workers';
import { LiveLine } from '../display/live-line.ts';
import { paintFor } from '../display/paint.ts';
import { startupSummary } from '../display/startup-summary.ts';
import { version } from '../version.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';

/** Runs a configuration until a signal ends it. The result is the exit code. */
export async function run(options: ConfigOptions): Promise<number> {
  const loaded = await readConfig(options);
  if (loaded === undefined) return 1;
  const { config } = loaded;
  const { stderr, stdout } = process;
  const display = stdout.isTTY;
  const paint = paintFor(stdout);

  const { level, encoding, initialFields } = config.service.telemetry.logs;
  let live: LiveLine | undefined;
  const logger = createLogger({
    // With a live display, the lines that tell of normal operation would only hide it.
    level: display && level === 'info' ? 'warn' : level,
    encoding: display ? 'console' : encoding,
    fields: initialFields,
    secrets: loaded.secrets,
    now: Date.now,
    write: (line) => (live === undefined ? stderr.write(line) : live.above(line)),
  } satisfies Parameters<typeof createLogger>[0] & { level: LogLevel });

  let collector: Collector;
  let asked: Promise<NodeJS.Signals>;
  try {
    collector = await Collector.build({ config, logger, version });
    surviveStrayErrors(logger);
    // Before anything can be taken in: a signal during the start must not lose it.
    asked = firstSignal();
    if (!(await startUnlessAsked(collector, asked, logger))) return 0;
  } catch (error) {
    const remedy = error instanceof ComponentError && error.remedy !== undefined ? error.remedy : undefined;
    logger.error(messageOf(error), remedy === undefined ? {} : { remedy });
    return 1;
  }
  logger.info('ready', {
    version,
    ready_ms: Math.round(performance.now()),
    pipelines: [...config.pipelines.keys()],
    places: collector.announcements.map(({ place }) => place),
    ...(collector.metricsAddress === undefined ? {} : { metrics: collector.metricsAddress }),
  });
  trimHeapWhenIdle(() => collector.snapshot().received);
  if (display) {
    stdout.write(startupSummary(collector, version, paint));
    live = new LiveLine(
      () => collector.snapshot(),
      paint,
      (text) => void stdout.write(text),
    );
    live.start();
  }

  const signal = await asked;
  live?.stop();
  live = undefined;
  logger.info('shutting down', { signal });
  if (display) stdout.write('delivering what is left, once more Ctrl+C ends at once …\n');
  const report = await collector.shutdown();
  logEnd(logger, report);
  if (display) stdout.write(`${endText(report)}\n`);
  return 0;
}

/** Starts the collector; false when a signal came first and everything is stopped again. */
async function startUnlessAsked(
  collector: Collector,
  asked: Promise<NodeJS.Signals>,
  logger: Logger,
): Promise<boolean> {
  const starting = collector.start();
  const signal = await Promise.race([starting, asked]);
  if (signal === undefined) return true;
  starting.catch(() => undefined); // It says that it was interrupted.
  logger.info('shutting down while starting', { signal });
  logEnd(logger, await collector.shutdown());
  return false;
}

function logEnd(logger: Logger, report: ShutdownReport): void {
  const { leftItems, keptItems, openSubmissions } = report;
  const kept = keptItems > 0 ? { kept_items: keptItems } : {};
  if (leftItems > 0 || openSubmissions > 0) {
    const lost = { left_items: leftItems, unanswered: openSubmissions };
    logger.warn('stopped before everything was delivered', { ...lost, ...kept });
  } else logger.info(endText(report), kept);
}

function endText({ leftItems, keptItems, openSubmissions }: ShutdownReport): string {
  const kept = `${keptItems} item${keptItems === 1 ? '' : 's'} kept on disk for the next start`;
  if (leftItems > 0 || openSubmissions > 0) {
    const lost = `stopped before everything was delivered: ${leftItems} items are lost, ${openSubmissions} requests unanswered`;
    return keptItems > 0 ? `${lost}; ${kept}` : lost;
  }
  return keptItems > 0 ? `stopped, ${kept}` : 'stopped, everything was delivered';
}

/** npm, supervisors and process groups pass a signal on, too: what comes so soon after the first one is the same one. */
const SAME_SIGNAL_MS = 500;

/** Resolves with the first SIGINT, SIGTERM or SIGHUP (a closed terminal); the next one ends the process at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAtMs: number | undefined;
    // Keeps the process alive, also while it stops: everything else that waits is unreferenced. The command ends it.
    setInterval(() => undefined, 2 ** 30);
    const onSignal = (signal: NodeJS.Signals) => {
      const nowMs = performance.now();
      if (askedAtMs !== undefined) {
        if (nowMs - askedAtMs >= SAME_SIGNAL_MS) process.exit(1);
        return;
      }
      askedAtMs = nowMs;
      resolve(signal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('SIGHUP', onSignal);
  });
}

/** An error that a plugin lets escape is reported; it does not end the others' work. */
function surviveStrayErrors(logger: { error(message: string, fields?: object): void }): void {
  process.on('uncaughtException', (error) =>
    logger.error('an error escaped from a component', { reason: error.message, stack: error.stack }),
  );
  process.on('unhandledRejection', (reason) =>
    logger.error('an error escaped from a component', { reason: messageOf(reason) }),
  );
}
