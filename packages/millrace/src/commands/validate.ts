import { ComponentError, messageOf } from '@millrace/api';
import { Collector, createLogger } from '@millrace/engine';
import type { ResolvedConfig } from '@millrace/config';
import { paintFor } from '../display/paint.ts';
import { version } from '../version.ts';
import { type ConfigOptions, counted, readConfig } from './read-config.ts';

/** Checks a configuration and makes every component of it, without starting any. The result is the exit code. */
export async function validate(options: ConfigOptions): Promise<number> {
  const loaded = await readConfig(options);
  if (loaded === undefined) return 1;
  const collector = await build(loaded.config);
  if (collector === undefined) return 1;
  const pipelines = counted(collector.config.pipelines.size, 'pipeline');
  const warnings = loaded.warnings.length === 0 ? '' : `, ${counted(loaded.warnings.length, 'warning')}`;
  process.stdout.write(`${paintFor(process.stdout).green('valid')}: ${pipelines}${warnings}\n`);
  await collector.shutdown();
  return 0;
}

/** The collector of a configuration, not started; undefined after its errors were printed. */
export async function buildOnly(options: ConfigOptions): Promise<Collector | undefined> {
  const loaded = await readConfig(options);
  return loaded && build(loaded.config);
}

async function build(config: ResolvedConfig): Promise<Collector | undefined> {
  try {
    return await Collector.build({ config: withoutWorkers(config), logger: warningsOnly(), version });
  } catch (error) {
    const remedy = error instanceof ComponentError && error.remedy !== undefined ? `  ${error.remedy}` : '';
    process.stderr.write(`error  ${messageOf(error)}${remedy}\n1 error\n`);
    return undefined;
  }
}

function withoutWorkers(config: ResolvedConfig): ResolvedConfig {
  return { ...config, service: { ...config.service, workers: { ...config.service.workers, threads: 0 } } };
}

function warningsOnly() {
  return createLogger({
    level: 'warn',
    encoding: 'console',
    fields: {},
    now: Date.now,
    write: (line) => void process.stderr.write(line),
  });
}
