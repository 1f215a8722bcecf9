import type { Definition, ReceiverHost, Sink } from '@millrace/api';
import type { ResolvedComponent, ResolvedConfig } from '@millrace/config';

/** What stands in for the outside of a configuration. */
export interface Outside {
  /** Called with what a receiver would be given. */
  readonly onReceiver: (id: string, host: ReceiverHost) => void;
  /** Takes what an exporter would send. */
  readonly sinkOf: (id: string) => Sink['send'];
}

/**
 * The same pipelines without their outside: receivers take what they are handed in this process, exporters hand over
 * OTLP protobuf at once, storages lie in memory, other extensions do nothing, and how much memory the process uses does
 * not matter. Processors and connectors stay as they are.
 */
export function withoutOutside(config: ResolvedConfig, outside: Outside): ResolvedConfig {
  const { deadLetter, telemetry, workers, ...service } = config.service;
  const kept = keptDeadLetter(deadLetter);
  return {
    ...config,
    receivers: mapped(config.receivers, (component) => receiverOf(inThisThread(component), outside)),
    processors: mapped(config.processors, processorOf),
    connectors: mapped(config.connectors, inThisThread),
    exporters: mapped(config.exporters, (component) => exporterOf(inThisThread(component), outside)),
    extensions: mapped(config.extensions, extensionOf),
    service: {
      ...service,
      telemetry: { ...telemetry, metrics: undefined },
      workers: { ...workers, threads: 0 },
      ...(kept === undefined ? {} : { deadLetter: kept }),
    },
  };
}

function mapped<C>(components: ReadonlyMap<string, C>, change: (component: C) => C): ReadonlyMap<string, C> {
  return new Map([...components].map(([id, component]) => [id, change(component)]));
}

function without<D extends object, const K extends keyof D>(definition: D, keys: readonly K[]): Omit<D, K> {
  const kept = Object.entries(definition).filter(([key]) => !(keys as readonly string[]).includes(key));
  return Object.fromEntries(kept) as Omit<D, K>;
}

type Replaced<K extends 'receiver' | 'exporter' | 'extension'> = ResolvedComponent<K>;

function receiverOf(component: Replaced<'receiver'>, { onReceiver }: Outside): Replaced<'receiver'> {
  const definition = without(component.definition, ['decoder']);
  const create: Definition<'receiver'>['create'] = (_config, host) => {
    onReceiver(component.id, host);
    return {};
  };
  return { ...component, definition: { ...definition, create } };
}

/** What the exporter that is stood in for has in its settings, as far as it matters to others. */
interface ExporterConfig {
  readonly sending_queue?: { readonly enabled?: boolean; readonly storage?: string };
  readonly dead_letter?: DeadLetter;
}

type DeadLetter = ResolvedConfig['service']['deadLetter'];

function exporterOf(component: Replaced<'exporter'>, { sinkOf }: Outside): Replaced<'exporter'> {
  const definition = without(component.definition, ['encoder', 'jobs']);
  const { sending_queue: queue, dead_letter: deadLetter } = component.config as ExporterConfig;
  const kept = keptDeadLetter(deadLetter);
  // What waits in a queue in memory is acknowledged: nobody upstream waits for it.
  const isQueued = queue?.enabled === true && queue.storage === undefined;
  const create: Definition<'exporter'>['create'] = (_config, host) => {
    const guarantee = isQueued ? 'memory' : guaranteeOf(() => component.definition.create(component.config, host));
    return { send: sinkOf(component.id), guarantee };
  };
  return {
    ...component,
    definition: { ...definition, create },
    config: kept === undefined ? {} : { dead_letter: kept },
  };
}

/** What the real sink promises, which has an influence on what stateful processors hold. It is made and never started. */
function guaranteeOf(create: () => Sink): 'memory' | 'safe' {
  try {
    return create().guarantee ?? 'safe';
  } catch {
    // What it needs is not there: a key, a variable.
    return 'safe';
  }
}

/** Directories are outside; exporters are not. */
function keptDeadLetter(setting: DeadLetter): DeadLetter {
  return typeof setting === 'string' && !/^\.{0,2}\//.test(setting) ? setting : undefined;
}

function extensionOf(component: Replaced<'extension'>): Replaced<'extension'> {
  const isStorage = component.definition.storage !== undefined;
  return {
    ...component,
    definition: {
      ...without(component.definition, ['storage']),
      create: () => ({}),
      ...(isStorage ? { storage: () => storageOf(component.id) } : {}),
    },
  };
}

const STORAGE_BYTES_MAX = 64 * 1024 * 1024;

function storageOf(id: string) {
  return {
    directory: `/${encodeURIComponent(id)}`,
    createDirectory: true,
    directoryMode: 0o750,
    lockTimeoutMs: 1_000,
    fsync: false,
    bytesMax: STORAGE_BYTES_MAX,
    freeBytesMin: 0,
    keys: [],
  };
}

/** Isolated plugins have workers, too. */
function inThisThread<C extends ResolvedComponent>(component: C): C {
  const { plugin } = component;
  return plugin?.isolation === undefined ? component : { ...component, plugin: { ...plugin, isolation: undefined } };
}

function processorOf(component: ResolvedComponent<'processor'>): ResolvedComponent<'processor'> {
  const { gate } = component.definition;
  if (gate === undefined) return inThisThread(component);
  const create: typeof gate.create = (config, host) =>
    gate.create(config, { ...host, memory: () => ({ ...host.memory(), rss: 0, heapUsed: 0, inFlight: 0 }) });
  return { ...component, definition: { ...component.definition, gate: { ...gate, create } } };
}
