import type { Clock, Definition } from '@millrace/api';
import type { Registry, ResolvedConfig } from '@millrace/config';
import type { SimulatedFileSystem } from '@millrace/delivery/simulated-file-system';
import { Collector, type CollectorOptions, type ReloadReport, type ShutdownReport } from '@millrace/engine';
import { readConfig } from './read-config.ts';
import { RecordingLogger } from './recording-logger.ts';
import { TestExporter, testExporter } from './test-exporter.ts';
import { TestRegistry } from './test-registry.ts';
import { type TestReceiver, testReceiver } from './test-receiver.ts';
import { machineWith, testStorage } from './test-storage.ts';

export interface CollectorOfOptions {
  /** What is under test: modules of plugins, or definitions (whose pure halves then cannot run). */
  readonly plugins?: readonly (URL | string | Definition)[];
  /** Asked for what `plugins` do not define. */
  readonly registry?: Registry;
  /** Default: the computer's own time. */
  readonly clock?: Clock;
  /** Workers; 0, the default, runs everything in this thread. The YAML may say something else. */
  readonly threads?: number;
  /** Serves `/metrics` on a free port. */
  readonly metrics?: boolean;
  /** A simulated disk, on which the storage `test_storage` lies; the collector dies with it. */
  readonly disk?: SimulatedFileSystem;
  /** Merged over the text, as a further configuration file would be. */
  readonly overrides?: object;
  /** Told of what components throw and did not mean to. */
  readonly onStepFault?: NonNullable<CollectorOptions['onStepFault']>;
  /** `false` builds without starting. */
  readonly start?: boolean;
}

/**
 * Runs a real collector from YAML text. Besides the plugins it knows the receiver `test/…`, into which a test sends,
 * and the exporter `test/…`, which records. `await using` shuts it down.
 */
export async function collectorOf(yaml: string, options: CollectorOfOptions = {}): Promise<TestCollector> {
  const exporters = new Map<string, TestExporter>();
  const receivers = new Map<string, TestReceiver>();
  const registry = new TestRegistry(options.registry);
  const exporterOf = (id: string) => {
    const exporter = exporters.get(id) ?? new TestExporter();
    exporters.set(id, exporter);
    return exporter;
  };
  // The one that was started last: what a failed reload made is none.
  registry.add(
    testReceiver((id, receiver, { started }) =>
      started || !receivers.has(id) ? receivers.set(id, receiver) : undefined,
    ),
  );
  registry.add(testExporter(exporterOf));
  if (options.disk !== undefined) registry.add(testStorage);
  for (const plugin of options.plugins ?? []) {
    if (typeof plugin === 'string' || plugin instanceof URL) await registry.addModule(plugin);
    else registry.add(plugin);
  }
  const read = (text: string) => readConfig(text, { ...options, registry });
  const config = await read(yaml);
  const logger = new RecordingLogger();
  const clock = options.clock === undefined ? {} : { clock: options.clock };
  const machine = options.disk === undefined ? {} : { machine: machineWith(options.disk) };
  const { onStepFault = () => undefined } = options;
  const collector = await Collector.build({
    config,
    logger,
    version: '0.0.0-test',
    debug: true,
    onStepFault,
    ...clock,
    ...machine,
  });
  if (options.start !== false) await collector.start();
  return new TestCollector({ collector, logger, receivers, exporterOf, read });
}

/** A collector with its test components at hand. */
export class TestCollector {
  readonly collector: Collector;
  readonly logger: RecordingLogger;
  readonly #receivers: ReadonlyMap<string, TestReceiver>;
  readonly #exporterOf: (id: string) => TestExporter;
  readonly #read: (yaml: string) => Promise<ResolvedConfig>;

  constructor(fields: {
    readonly collector: Collector;
    readonly logger: RecordingLogger;
    readonly receivers: ReadonlyMap<string, TestReceiver>;
    readonly exporterOf: (id: string) => TestExporter;
    readonly read: (yaml: string) => Promise<ResolvedConfig>;
  }) {
    this.collector = fields.collector;
    this.logger = fields.logger;
    this.#receivers = fields.receivers;
    this.#exporterOf = fields.exporterOf;
    this.#read = fields.read;
  }

  /** The receiver with this id. */
  in(id = 'test/in'): TestReceiver {
    const receiver = this.#receivers.get(id);
    if (receiver === undefined) throw new Error(`no pipeline uses a receiver "${id}"`);
    return receiver;
  }

  /** The exporter with this id. */
  out(id = 'test/out'): TestExporter {
    return this.#exporterOf(id);
  }

  /** The metrics that it serves, as Prometheus reads them; needs the option `metrics`. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const response = await fetch(this.collector.metricsAddress ?? '');
    const samples = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    );
  }

  get bytesInFlight(): number {
    return this.collector.snapshot().bytesInFlight;
  }

  /** Puts another configuration into effect, with the same plugins. */
  async reload(yaml: string): Promise<ReloadReport> {
    return this.collector.reload(await this.#read(yaml));
  }

  shutdown(): Promise<ShutdownReport> {
    return this.collector.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.collector.shutdown();
  }
}
