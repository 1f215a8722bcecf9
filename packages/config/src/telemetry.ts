import type { SchemaData } from '@millrace/api';
import { isIncomplete } from './decoded.ts';
import { didYouMeanOf } from './nearest.ts';
import type { ConfigNode, Path } from './node.ts';
import { isNull, originAt } from './node.ts';
import type { Problems } from './problems.ts';
import type { TelemetrySettings } from './resolved-config.ts';
import { serviceSchema, type TelemetryConfig } from './service-schema.ts';

const PATH: Path = ['service', 'telemetry'];
const METRIC_LEVELS = ['none', 'basic', 'normal', 'detailed'];
const LOG_LEVELS: Readonly<Partial<Record<string, TelemetrySettings['logs']['level']>>> = {
  __proto__: null as never,
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  dpanic: 'error',
  panic: 'error',
  fatal: 'error',
};

/**
 * Reads `service.telemetry`, in the Collector's present and older forms. `node` is what was written, if anything.
 * Undefined when something is wrong with it.
 */
export function telemetrySettings(
  config: TelemetryConfig,
  node: ConfigNode | undefined,
  problems: Problems,
): TelemetrySettings | undefined {
  const reporter = new Reporter(node, problems);
  if (node !== undefined) warnWithoutEffect(serviceSchema.properties?.['telemetry'] ?? {}, node, [], reporter);
  // One part may be faulty, and the other still be looked at.
  const metrics = isIncomplete(config.metrics) ? undefined : metricsEndpoint(config.metrics, reporter);
  const logs = isIncomplete(config.logs) ? undefined : logSettings(config.logs, reporter);
  if (logs === undefined || isIncomplete(config)) return undefined;
  const { attributes, removed } = resource(config.resource ?? {});
  return { metrics, logs, resource: attributes, resourceRemoved: removed };
}

function logSettings(logs: TelemetryConfig['logs'], reporter: Reporter): TelemetrySettings['logs'] | undefined {
  const level = LOG_LEVELS[logs.level.toLowerCase()];
  if (level === undefined) {
    reporter.level(['logs', 'level'], logs.level, Object.keys(LOG_LEVELS));
    return undefined;
  }
  return { level, encoding: logs.encoding, initialFields: logs.initial_fields };
}

class Reporter {
  readonly #node: ConfigNode | undefined;
  readonly #problems: Problems;

  constructor(node: ConfigNode | undefined, problems: Problems) {
    this.#node = node;
    this.#problems = problems;
  }

  error(path: Path, code: string, message: string, remedy: string): void {
    if (this.#node !== undefined) {
      this.#problems.error({ code, origin: originAt(this.#node, path), path: [...PATH, ...path], message, remedy });
    }
  }

  warn(path: Path, code: string, message: string, remedy: string): void {
    if (this.#node !== undefined) {
      this.#problems.warn({ code, origin: originAt(this.#node, path), path: [...PATH, ...path], message, remedy });
    }
  }

  level(path: Path, level: string, known: readonly string[]): void {
    this.error(
      path,
      'NOT_ALLOWED',
      `the level "${level}" is not known`,
      didYouMeanOf(level.toLowerCase(), known, 'levels'),
    );
  }
}

/** Keys of the Collector that are accepted, so that existing configurations run, and do nothing here. */
function warnWithoutEffect(schema: SchemaData, node: ConfigNode, path: Path, reporter: Reporter): void {
  if (
    schema.type === undefined &&
    schema.anyOf === undefined &&
    schema.description?.endsWith('without effect.') === true
  ) {
    if (!isNull(node)) reporter.warn(path, 'NO_EFFECT', `"${path.at(-1)}" has no effect here`, 'it can be removed');
  } else if (node.kind === 'list') {
    for (const [index, item] of node.items.entries())
      warnWithoutEffect(schema.items ?? {}, item, [...path, index], reporter);
  } else if (node.kind === 'map') {
    for (const [key, entry] of node.entries) {
      const property = schema.properties?.[key];
      if (property !== undefined) warnWithoutEffect(property, entry.value, [...path, key], reporter);
    }
  }
}

function metricsEndpoint(metrics: TelemetryConfig['metrics'], reporter: Reporter): TelemetrySettings['metrics'] {
  const level = metrics.level.toLowerCase();
  if (!METRIC_LEVELS.includes(level)) reporter.level(['metrics', 'level'], metrics.level, METRIC_LEVELS);
  if (level === 'none') return undefined;
  if (metrics.readers !== undefined) return readersEndpoint(metrics.readers, reporter);
  if (metrics.address !== undefined) return addressEndpoint(metrics.address, reporter);
  return { host: 'localhost', port: 8888 };
}

function readersEndpoint(
  readers: NonNullable<TelemetryConfig['metrics']['readers']>,
  reporter: Reporter,
): TelemetrySettings['metrics'] {
  const path = ['metrics', 'readers'];
  if (readers.length === 0) {
    const message = 'there are no readers, although the level is not none';
    reporter.error(path, 'NO_READERS', message, 'add one, or set metrics.level to none');
    return undefined;
  }
  const endpoints = readers.flatMap(
    ({ pull }) => pull?.exporter.prometheus ?? pull?.exporter['prometheus/development'] ?? [],
  );
  if (endpoints.length > 1)
    reporter.warn([...path, 1], 'NO_EFFECT', 'only the first Prometheus reader is used', 'keep one');
  if (endpoints.length === 0) return undefined;
  return { host: endpoints[0].host, port: endpoints[0].port };
}

/** The older `address: host:port`; an empty host listens everywhere. */
function addressEndpoint(address: string, reporter: Reporter): TelemetrySettings['metrics'] {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]*)):([0-9]{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    reporter.error(['metrics', 'address'], 'BAD_ADDRESS', `"${address}" is not an address`, 'write host:port');
    return undefined;
  }
  const host = match[1] ?? match[2];
  return { host: host === '' ? '0.0.0.0' : host, port };
}

/** Both of the Collector's forms: a map of attributes, or a list of names and values below `attributes`. */
function resource(written: Readonly<Record<string, unknown>>): {
  attributes: Record<string, string>;
  removed: string[];
} {
  const attributes: Record<string, string> = {};
  const removed: string[] = [];
  const list = written['attributes'];
  const pairs = Array.isArray(list)
    ? (list as { name?: unknown; value?: unknown }[]).map(({ name, value }) => [String(name), value] as const)
    : Object.entries(written);
  for (const [name, value] of pairs) {
    if (value === null) removed.push(name);
    else attributes[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return { attributes, removed };
}
