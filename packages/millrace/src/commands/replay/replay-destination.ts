import {
  ComponentError,
  defineReceiver,
  type Definition,
  type Logger,
  type ReceiverHost,
  type Signal,
  Type,
} from '@millrace/api';
import {
  ConfigErrors,
  didYouMean,
  loadConfig,
  loadConfigObject,
  type Registry,
  type ResolvedComponent,
  type ResolvedConfig,
} from '@millrace/config';
import { Collector } from '@millrace/engine';
import { PluginRegistry } from '../../registry.ts';
import { version } from '../../version.ts';
import { directConfig } from './direct-config.ts';

export interface DestinationOptions {
  /** The id of an exporter of the configuration, or an address. */
  readonly to: string;
  readonly config: readonly string[];
  readonly set: readonly string[];
  /** OTTL condition on log records, spans and data points. */
  readonly where: string | undefined;
  /** Nothing leaves. */
  readonly dryRun: boolean;
  /** After so long a request that was not taken is given up; Infinity: when the exporter's configuration says. */
  readonly giveUpMs: number;
  readonly logger: Logger;
}

const SIGNALS_ALL: readonly Signal[] = ['logs', 'traces', 'metrics', 'profiles'];
/** Where the condition stands in the settings of the filter. */
const FILTER_KEYS: Readonly<Partial<Record<Signal, readonly [string, string]>>> = {
  logs: ['logs', 'log_record'],
  traces: ['traces', 'span'],
  metrics: ['metrics', 'datapoint'],
};
const BYTES_IN_FLIGHT_MAX = 1024 ** 3;

/** One exporter of a collector of its own: what it has taken is delivered. */
export class ReplayDestination {
  /** Signals that can be sent to it. */
  readonly signals: ReadonlySet<Signal>;
  readonly #collector: Collector;
  readonly #host: () => ReceiverHost;

  private constructor(collector: Collector, host: () => ReceiverHost, signals: ReadonlySet<Signal>) {
    this.#collector = collector;
    this.#host = host;
    this.signals = signals;
  }

  /** Throws a ConfigErrors or a ComponentError that says what to do. */
  static async open(options: DestinationOptions): Promise<ReplayDestination> {
    const registry = new PluginRegistry();
    const found = await exporterOf(options, registry);
    const nop = options.dryRun ? await exporterFrom({ nop: {} }, 'nop', registry) : undefined;
    const { exporter, extensions } = nop === undefined ? found : { exporter: nop, extensions: new Map() };
    const filters = await filtersFor(options.where, registry);
    const supported = found.exporter.definition.signals;
    const signals = new Set(SIGNALS_ALL.filter((signal) => supported.includes(signal) && filtersFit(filters, signal)));
    let host: ReceiverHost | undefined;
    const receiver = defineReceiver({
      type: 'replay',
      summary: 'What is sent again.',
      stability: 'development',
      signals: SIGNALS_ALL,
      config: Type.Object({}),
      examples: [],
      create(_config, given) {
        host = given;
        return {};
      },
    }) as Definition<'receiver'>;
    const config = configOf({ exporter, extensions, filters, signals, receiver, giveUpMs: options.giveUpMs });
    const collector = await Collector.build({ config, logger: options.logger, version });
    await collector.start();
    return new ReplayDestination(collector, () => host as ReceiverHost, signals);
  }

  /** Resolves when the destination has the request. Rejects with a DeliveryError. */
  async send(signal: Signal, bytes: Uint8Array): Promise<void> {
    await this.#host().consume(signal, { body: bytes });
  }

  /** Items that it has. */
  get sentItems(): number {
    return this.#collector.snapshot().sent;
  }

  async close(): Promise<void> {
    await this.#collector.shutdown();
  }
}

interface FoundExporter {
  readonly exporter: ResolvedComponent<'exporter'>;
  /** Those that it names. */
  readonly extensions: ReadonlyMap<string, ResolvedComponent<'extension'>>;
}

async function exporterOf({ to, config, set }: DestinationOptions, registry: Registry): Promise<FoundExporter> {
  const address = exporterForAddress(to);
  if (config.length === 0) {
    if (address !== undefined) {
      const [id] = Object.keys(address);
      return { exporter: await exporterFrom(address, id, registry), extensions: new Map() };
    }
    throw new ComponentError(`"${to}" is no address, and there is no configuration that could define it`, {
      code: 'DESTINATION_UNKNOWN',
      remedy: 'write http://host:4318, grpc://host:4317, or name the configuration of the exporter with --config',
    });
  }
  const loaded = await loadConfig(config, { sets: set, registry });
  const exporter = loaded.config.exporters.get(to);
  if (exporter !== undefined) return { exporter, extensions: extensionsOf(exporter, loaded.config) };
  if (address !== undefined) {
    const [id] = Object.keys(address);
    return { exporter: await exporterFrom(address, id, registry), extensions: new Map() };
  }
  const names = [...loaded.config.exporters.keys()];
  throw new ComponentError(`the configuration has no exporter "${to}"`, {
    code: 'DESTINATION_UNKNOWN',
    remedy: didYouMean(to, names) ?? `it has: ${names.join(', ')}`,
  });
}

/** `http(s)://` is OTLP/HTTP; `grpc://`, `grpcs://` and `host:port` are OTLP/gRPC. */
export function exporterForAddress(to: string): Readonly<Record<string, object>> | undefined {
  if (/^https?:\/\/./.test(to)) return { otlphttp: { endpoint: to } };
  const [, scheme, host] = /^(?:(grpcs?):\/\/)?([^/\s]+:\d+)$/.exec(to) ?? [];
  if (host === undefined) return undefined;
  return { otlp: { endpoint: host, tls: { insecure: scheme !== 'grpcs' } } };
}

/** One exporter with its defaults. */
export async function exporterFrom(
  exporters: Readonly<Record<string, object>>,
  id: string,
  registry: Registry,
): Promise<ResolvedComponent<'exporter'>> {
  const { config } = await loadConfigObject(frame({ exporters, ids: [id] }), { registry });
  return config.exporters.get(id) as ResolvedComponent<'exporter'>;
}

/** A configuration around what is to be decoded. */
function frame(parts: { exporters: object; ids: readonly string[]; processors?: object; signal?: Signal }): object {
  const { exporters, ids, processors = {}, signal = 'logs' } = parts;
  const pipeline = { receivers: ['otlp'], processors: Object.keys(processors), exporters: ids };
  return {
    receivers: { otlp: { protocols: { http: {} } } },
    processors,
    exporters,
    service: { pipelines: { [signal]: pipeline } },
  };
}

/** The authenticator of an exporter; nothing else of the configuration runs. */
function extensionsOf(
  { config }: ResolvedComponent<'exporter'>,
  all: ResolvedConfig,
): ReadonlyMap<string, ResolvedComponent<'extension'>> {
  const { auth } = config as { readonly auth?: { readonly authenticator?: string } };
  const extension = auth?.authenticator === undefined ? undefined : all.extensions.get(auth.authenticator);
  return new Map(extension === undefined ? [] : [[extension.id, extension]]);
}

type Filters = ReadonlyMap<Signal, ResolvedComponent<'processor'>> | undefined;

function filtersFit(filters: Filters, signal: Signal): boolean {
  return filters === undefined || filters.has(signal);
}

/** A filter that drops what does not match, for each signal that the condition makes sense for; undefined: no condition. */
async function filtersFor(where: string | undefined, registry: Registry): Promise<Filters> {
  if (where === undefined) return undefined;
  const filters = new Map<Signal, ResolvedComponent<'processor'>>();
  let fault: unknown;
  for (const signal of SIGNALS_ALL) {
    const [section, key] = FILTER_KEYS[signal] ?? [];
    if (section === undefined || key === undefined) continue;
    const id = `filter/${signal}`;
    const settings = { error_mode: 'propagate', [section]: { [key]: [`not (${where})`] } };
    try {
      const object = frame({ exporters: { nop: {} }, ids: ['nop'], processors: { [id]: settings }, signal });
      const { config } = await loadConfigObject(object, { registry });
      filters.set(signal, config.processors.get(id) as ResolvedComponent<'processor'>);
    } catch (error) {
      if (!(error instanceof ConfigErrors)) throw error;
      fault ??= error;
    }
  }
  if (filters.size > 0) return filters;
  const [problem] = (fault as ConfigErrors).errors;
  throw new ComponentError(`--where '${where}': ${problem?.message ?? 'is no condition'}`, {
    code: 'CONDITION_INVALID',
    remedy: `write an OTTL condition, such as 'severity_number >= SEVERITY_NUMBER_ERROR'`,
  });
}

function configOf(parts: {
  readonly exporter: ResolvedComponent<'exporter'>;
  readonly extensions: ReadonlyMap<string, ResolvedComponent<'extension'>>;
  readonly filters: Filters;
  readonly signals: ReadonlySet<Signal>;
  readonly receiver: Definition<'receiver'>;
  readonly giveUpMs: number;
}): ResolvedConfig {
  const { exporter, extensions, filters, signals, receiver, giveUpMs } = parts;
  const own = { kind: 'receiver', id: 'replay', type: 'replay', module: undefined, config: {}, location: '' } as const;
  const processors = [...(filters?.values() ?? [])];
  return {
    receivers: new Map([['replay', { ...own, definition: receiver }]]),
    processors: new Map(processors.map((processor) => [processor.id, processor])),
    exporters: new Map([[exporter.id, { ...exporter, config: directConfig(exporter.config, giveUpMs) }]]),
    connectors: new Map(),
    extensions,
    pipelines: new Map(
      [...signals].map((signal) => {
        const filter = filters?.get(signal);
        const steps = filter === undefined ? [] : [filter.id];
        const ends = { receivers: ['replay'], processors: steps, exporters: [exporter.id] };
        return [signal, { id: signal, signal, ...ends, priority: 'normal', location: '' }];
      }),
    ),
    service: {
      extensions: [...extensions.keys()],
      telemetry: { metrics: undefined, logs: { level: 'warn', encoding: 'json', initialFields: {} }, resource: {} },
      workers: { threads: 0, heapMb: 512, deadlineMs: 60_000 },
      startTimeoutMs: 60_000,
      shutdownTimeoutMs: 5_000,
      bytesInFlightMax: BYTES_IN_FLIGHT_MAX,
    },
  };
}
