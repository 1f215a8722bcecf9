import { ComponentError, type Logger, messageOf } from '@millrace/api';
import type { LoadedConfig } from '@millrace/config';
import type { ShutdownReport } from '@millrace/engine';
import { Collector } from '@millrace/engine';
import { trimHeapWhenIdle } from '@millrace/workers';
import { LiveLine } from '../display/live-line.ts';
import { type Paint, paintFor } from '../display/paint.ts';
import { startupSummary } from '../display/startup-summary.ts';
import { CollectorLog } from '../service/collector-log.ts';
import { ConfigReader } from '../service/config-reader.ts';
import type { ControlServer } from '../control/control-server.ts';
import { ConfigReloads } from '../service/config-reloads.ts';
import { openControlSocket } from '../service/control-socket.ts';
import { Development } from '../service/development.ts';
import { ServiceManager } from '../service/service-manager.ts';
import { firstSignal } from '../service/signals.ts';
import { StepFaultLog } from '../service/step-fault-log.ts';
import { surviveStrayErrors } from '../service/stray-errors.ts';
import { boundYoungGeneration } from '../service/young-generation.ts';
import { version } from '../version.ts';
import { type ConfigOptions, counted, printingErrors } from './read-config.ts';

export interface RunOptions extends ConfigOptions {
  /** Whether a change of the files is taken up. */
  readonly watch: boolean;
  /** Shows what is wrong with plugins, and takes changes up at once. */
  readonly development?: { readonly plugins: readonly string[]; readonly watchPeriodMs: number };
}

/** Runs a configuration until a signal ends it. The result is the exit code. */
export async function run(options: RunOptions): Promise<number> {
  const reader = new ConfigReader({ ...options, plugins: options.development?.plugins ?? [] });
  const loaded = await firstConfig(reader);
  if (loaded === undefined) return 1;
  const { stdout } = process;
  const display = stdout.isTTY;
  const paint = paintFor(stdout);
  const log = new CollectorLog(loaded);
  const { logger } = log;
  const development = options.development && developmentOf(reader, log, paint);
  await development?.checkFirst();

  let collector: Collector;
  let asked: Promise<NodeJS.Signals>;
  let reload = () => {};
  try {
    const faults = development ?? new StepFaultLog(logger);
    collector = await Collector.build({
      config: loaded.config,
      logger,
      version,
      onStepFault: (fault) => faults.fault(fault),
    });
    surviveStrayErrors(logger);
    // Before anything can be taken in: a signal during the start must not lose it.
    asked = firstSignal(() => reload());
    if (!(await startUnlessAsked(collector, asked, logger))) return 0;
  } catch (error) {
    logError(logger, error);
    return 1;
  }
  const manager = new ServiceManager({
    env: process.env,
    pid: process.pid,
    logger,
    isAlive: () => collector.responds(ALIVE_MS),
  });
  const { watchPeriodMs } = options.development ?? {};
  const reloads = new ConfigReloads({ reader, collector, log, manager, development, watchPeriodMs });
  let control: ControlServer | undefined;
  try {
    control = await openControlSocket({ collector, reloads, logger });
  } catch (error) {
    logError(logger, error);
    await collector.shutdown();
    return 1;
  }
  if (options.watch) await reloads.watch();
  logger.info('ready', {
    version,
    ready_ms: Math.round(performance.now()),
    pipelines: [...collector.config.pipelines.keys()],
    places: collector.announcements.map(({ place }) => place),
    ...(collector.metricsAddress === undefined ? {} : { metrics: collector.metricsAddress }),
    ...(control === undefined ? {} : { control: control.path }),
  });
  reload = () => void reloads.reload('SIGHUP');
  void manager.ready(reloads.status);
  if (loaded.config.service.workers.threads === 0) boundYoungGeneration();
  trimHeapWhenIdle(() => collector.snapshot().received);
  let live: LiveLine | undefined;
  if (display) {
    stdout.write(startupSummary(collector, version, paint));
    live = new LiveLine(
      () => collector.snapshot(),
      paint,
      (text) => void stdout.write(text),
    );
    log.above(live);
    live.start();
  }

  const signal = await asked;
  reloads.stop();
  live?.stop();
  log.above(undefined);
  logger.info('shutting down', { signal });
  const told = manager.stopping();
  if (display) stdout.write('delivering what is left, once more Ctrl+C ends at once …\n');
  const report = await collector.shutdown();
  await control?.close();
  await told;
  const failedItems = collector.snapshot().failed;
  logEnd(logger, report, failedItems);
  if (display) stdout.write(`${endText(report, failedItems)}\n`);
  return 0;
}

/** How long workers have to answer before the collector counts as stuck. */
const ALIVE_MS = 10_000;

function developmentOf(reader: ConfigReader, log: CollectorLog, paint: Paint): Development {
  return new Development({ modules: () => reader.pluginModules, paint, show: (text) => log.print(text) });
}

/** The configuration to start with; undefined after its errors were printed. */
async function firstConfig(reader: ConfigReader): Promise<LoadedConfig | undefined> {
  return printingErrors(() => reader.read());
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
  const report = await collector.shutdown();
  if (report.leftItems + report.openSubmissions > 0) logEnd(logger, report, 0);
  else logger.info('stopped before it had started', {});
  return false;
}

function logError(logger: Logger, error: unknown): void {
  const remedy = error instanceof ComponentError && error.remedy !== undefined ? error.remedy : undefined;
  logger.error(messageOf(error), remedy === undefined ? {} : { remedy });
}

function logEnd(logger: Logger, report: ShutdownReport, failedItems: number): void {
  const { leftItems, keptItems, openSubmissions } = report;
  const kept = keptItems > 0 ? { kept_items: keptItems } : {};
  if (leftItems > 0 || openSubmissions > 0) {
    const lost = { left_items: leftItems, unanswered: openSubmissions };
    const remedy = leftItems > 0 ? { remedy: KEEP_LEFT } : {};
    logger.warn('stopped before everything was delivered', { ...lost, ...kept, ...remedy });
  } else logger.info(endText(report, failedItems), kept);
}

/** What to do so that the next shutdown loses nothing. */
const KEEP_LEFT =
  'name a file_storage extension in sending_queue.storage of the exporters: it keeps for the next start what is left; or raise service.shutdown_timeout';

function endText({ leftItems, keptItems, openSubmissions }: ShutdownReport, failedItems: number): string {
  const kept = `${counted(keptItems, 'item')} kept on disk for the next start`;
  if (leftItems > 0 || openSubmissions > 0) {
    const lost = `stopped before everything was delivered: ${counted(leftItems, 'item')} lost, ${counted(openSubmissions, 'request')} unanswered`;
    const all = keptItems > 0 ? `${lost}; ${kept}` : lost;
    return leftItems > 0 ? `${all}\n  ${KEEP_LEFT}` : all;
  }
  if (keptItems > 0) return `stopped, ${kept}`;
  // Who sent them was told, or a dead letter has them, or they were given up: the log says which.
  if (failedItems > 0)
    return `stopped, nothing waits any more; ${counted(failedItems, 'item')} not delivered since the start`;
  return 'stopped, everything was delivered';
}
