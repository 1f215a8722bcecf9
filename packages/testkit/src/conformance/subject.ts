import { type Definition, type Signal, SIGNALS, type Transform } from '@millrace/api';
import { FakeStepTools } from '../fake-step-tools.ts';
import { readConfig } from '../read-config.ts';
import { TestExporter, testExporter } from '../test-exporter.ts';
import { TestRegistry } from '../test-registry.ts';
import { testReceiver } from '../test-receiver.ts';
import { inChild, type ChildReport } from './in-child.ts';
import type { ConformanceOptions } from './options.ts';
import { entryId, receivingOf, SECTIONS, wire } from './wiring.ts';

/** An entry of the component under test with its decoded settings. */
export interface Entry {
  /** Where it comes from, for messages: `example "Defaults"`. */
  readonly label: string;
  readonly yaml: string;
  readonly id: string;
  readonly config: unknown;
  /** Signals that the component handles with these settings. */
  readonly signals: readonly Signal[];
}

/** One component under test. */
export class Subject {
  readonly url: string;
  readonly definition: Definition;
  readonly options: ConformanceOptions;
  readonly registry: TestRegistry;
  #entries: Promise<readonly Entry[]> | undefined;
  #report: Promise<ChildReport> | undefined;

  constructor(url: string, definition: Definition, options: ConformanceOptions) {
    this.url = url;
    this.definition = definition;
    this.options = options;
    this.registry = new TestRegistry();
    this.registry.add(definition, url);
    this.registry.add(testReceiver(() => undefined));
    this.registry.add(testExporter(() => new TestExporter()));
  }

  get name(): string {
    return `${this.definition.kind} "${this.definition.type}"`;
  }

  get seed(): number {
    return this.options.seed ?? 1;
  }

  /** Examples and further configs that load; those that do not are the business of `config/examples`. */
  entries(): Promise<readonly Entry[]> {
    this.#entries ??= this.#load();
    return this.#entries;
  }

  /** Decodes an entry as the collector does. Throws ConfigErrors. */
  async read(label: string, yaml: string): Promise<Entry> {
    const { definition, registry } = this;
    const id = entryId(yaml);
    const claimed = this.#claimed(id);
    const resolved = await readConfig(this.wire(yaml, claimed.slice(0, 1)), { registry });
    const component = resolved[SECTIONS[definition.kind]].get(id);
    if (component === undefined) throw new Error(`the entry does not define "${id}"`);
    return { label, yaml, id, config: component.config, signals: this.#signalsWith(component.config, claimed) };
  }

  /** A configuration with one of its entries in it, between `test/in` and `test/out`. */
  wire(yaml: string, signals: readonly Signal[], service: object = {}): string {
    return wire(this.definition, yaml, signals, { receiving: this.options.receiving, service });
  }

  /** Those entries that are this component's; a module may define several. */
  ownOf(entries: readonly string[] = []): readonly string[] {
    const { type, aliases = [] } = this.definition;
    return entries.filter((yaml) => [type, ...aliases].includes(entryId(yaml).split('/')[0]));
  }

  /** What it does in a process of its own: import, start, stop. */
  report(): Promise<ChildReport> {
    this.#report ??= this.entries().then((entries) => inChild(this, entries));
    return this.#report;
  }

  async #load(): Promise<readonly Entry[]> {
    const { definition, options } = this;
    const texts = [
      ...definition.examples.map(({ title, yaml }) => ({ label: `example "${title}"`, yaml })),
      ...this.ownOf(options.configs).map((yaml) => ({ label: `config ${yaml}`, yaml })),
    ];
    const read = await Promise.allSettled(texts.map(({ label, yaml }) => this.read(label, yaml)));
    return read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  }

  /** Signals by the definition alone; a pure processor does not say before it is made. */
  #claimed(id: string): readonly Signal[] {
    const { definition, options } = this;
    switch (definition.kind) {
      case 'receiver':
      case 'exporter':
        return definition.signals;
      case 'processor':
        return definition.stateful?.signals ?? definition.gate?.signals ?? SIGNALS;
      case 'connector':
        return [
          ...new Set(
            definition.routes
              .filter(({ to }) => receivingOf(options.receiving, id, to).length > 0)
              .map(({ from }) => from),
          ),
        ];
      case 'extension':
        return [];
    }
  }

  #signalsWith(config: unknown, claimed: readonly Signal[]): readonly Signal[] {
    const { definition } = this;
    if (definition.kind !== 'processor' || definition.create === undefined) return claimed;
    let made: Transform;
    try {
      made = definition.create(config, new FakeStepTools());
    } catch {
      return [];
    }
    return SIGNALS.filter((signal) => typeof made[signal] === 'function');
  }
}
