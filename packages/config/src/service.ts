import { availableParallelism } from 'node:os';
import { decode } from './decode.ts';
import type { DecodeContext } from './decode-context.ts';
import { FAILED, isIncomplete } from './decoded.ts';
import type { ConfigNode, MapEntry } from './node.ts';
import { isNull } from './node.ts';
import type { ServiceSettings } from './resolved-config.ts';
import { serviceSchema, type ServiceConfig } from './service-schema.ts';
import type { Origin } from './source.ts';
import { telemetrySettings } from './telemetry.ts';

/** The service section, decoded as far as it can be. */
export interface Service {
  /** Undefined when there is no such section, or it is no map. */
  readonly config: Partial<ServiceConfig> | undefined;
  /** Undefined when something is wrong with them. */
  readonly settings: Omit<ServiceSettings, 'extensions'> | undefined;
  readonly origin: Origin;
}

/** Decodes `service`. References in it are left in the context for later checks. */
export function decodeService(entry: MapEntry | undefined, root: Origin, context: DecodeContext): Service {
  const origin = entry?.key ?? root;
  if (entry === undefined || isNull(entry.value)) {
    const message = entry === undefined ? 'the section "service" is missing' : 'the section "service" is empty';
    const remedy = 'add it, with "pipelines" that connect receivers to exporters';
    context.problems.error({ code: 'NO_SERVICE', origin, path: ['service'], message, remedy });
    return { config: undefined, settings: undefined, origin };
  }
  const decoded = decode(serviceSchema, entry.value, { path: ['service'], parent: entry.key }, context);
  if (decoded === FAILED) return { config: undefined, settings: undefined, origin };
  const config = decoded as Partial<ServiceConfig>;
  return { config, settings: settingsOf(config, entry.value, context), origin };
}

function settingsOf(config: Partial<ServiceConfig>, node: ConfigNode, context: DecodeContext): Service['settings'] {
  const { telemetry, workers } = config;
  if (telemetry === undefined) return undefined;
  const written = node.kind === 'map' ? node.entries.get('telemetry')?.value : undefined;
  const settings = telemetrySettings(telemetry, written, context.problems);
  if (settings === undefined || isIncomplete(config) || workers === undefined) return undefined;
  const {
    start_timeout: startTimeoutMs = 0,
    shutdown_timeout: shutdownTimeoutMs = 0,
    bytes_in_flight_max: bytesInFlightMax = 0,
    dead_letter: deadLetter,
    control,
  } = config;
  return {
    telemetry: settings,
    workers: {
      threads: workers.threads ?? Math.max(1, availableParallelism() - 1),
      heapMb: workers.heap_mb,
      deadlineMs: workers.deadline,
    },
    startTimeoutMs,
    shutdownTimeoutMs,
    bytesInFlightMax,
    ...(control === undefined ? {} : { control }),
    ...(deadLetter === undefined ? {} : { deadLetter }),
  };
}
