import type { ConfigNode } from './node.ts';
import { expandNode, type Expansion } from './expand.ts';
import { merge } from './merge.ts';
import { overrideNode, overridePath, splitOverride, unflatten } from './override.ts';
import { parseYaml } from './parse-yaml.ts';
import type { Problems } from './problems.ts';
import { ProviderError, readConfigFile, retrieveSource, type Retrieved, type Surroundings } from './provider.ts';
import { checkSection } from './section-check.ts';
import { isSensitiveKey } from './secrets.ts';
import { Source } from './source.ts';

/** Where configuration comes from, besides its sources. */
export interface SourceSettings {
  /** `--set` overrides, `key=value`, applied after all sources. */
  readonly sets?: readonly string[];
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: the working directory of the process. */
  readonly cwd?: string;
  readonly readFile?: (path: string) => Promise<string>;
  readonly fetch?: typeof globalThis.fetch;
}

/** Reads, merges and expands configurations; one for each load, as it numbers the sources. */
export class TreeLoader {
  readonly #problems: Problems;
  readonly #around: Surroundings;
  #sources = 0;

  constructor(settings: SourceSettings, problems: Problems) {
    this.#problems = problems;
    this.#around = {
      env: settings.env ?? process.env,
      cwd: settings.cwd ?? process.cwd(),
      readFile: settings.readFile ?? readConfigFile,
      fetch: settings.fetch ?? globalThis.fetch,
    };
  }

  /** The merged and expanded configuration; undefined when a source cannot be read or understood. */
  async load(uris: readonly string[], sets: readonly string[]): Promise<ConfigNode | undefined> {
    const retrieved = await Promise.all(uris.map((uri) => this.#retrieve(uri)));
    const layers: (ConfigNode | undefined)[] = [];
    for (const found of retrieved) {
      if (found === undefined) layers.push(undefined);
      else layers.push(...this.#parse(found));
    }
    for (const argument of sets) layers.push(this.#override(argument));
    return this.#combine(layers);
  }

  /** The same for a value that a program passes. */
  async loadNode(root: ConfigNode, sets: readonly string[]): Promise<ConfigNode | undefined> {
    return this.#combine([root, ...sets.map((argument) => this.#override(argument))]);
  }

  newSource(settings: { label: string; text: string | undefined; dir: string }): Source {
    return new Source({ ...settings, order: this.#sources++ });
  }

  async #combine(layers: readonly (ConfigNode | undefined)[]): Promise<ConfigNode | undefined> {
    const understood = layers.filter((layer) => layer !== undefined);
    if (understood.length < layers.length || understood.length === 0) return undefined;
    // An empty file changes nothing; a null inside one erases.
    const filled = understood.filter((layer) => !(layer.kind === 'scalar' && layer.value === null));
    const expansion: Expansion = {
      around: this.#around,
      problems: this.#problems,
      newSource: (retrieved) => this.newSource(retrieved),
    };
    return expandNode(filled.length === 0 ? understood[0] : filled.reduce(merge), expansion);
  }

  async #retrieve(uri: string): Promise<Source | undefined> {
    const order = this.#sources++;
    try {
      const retrieved = await retrieveSource(uri, this.#around);
      const { text, dir, doubt } = retrieved;
      const source = new Source({ label: labelOf(retrieved, order), text, dir, order });
      if (doubt !== undefined) {
        this.#problems.warn({ code: 'ENV_UNSET', origin: { source, offset: 0 }, message: doubt, remedy: 'set it' });
      }
      return source;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const label = uri.startsWith('yaml:') ? 'yaml:' : uri.replace(/\/\/[^/@]*@/, '//');
      const source = new Source({ label, text: undefined, dir: this.#around.cwd, order });
      const { code, message, remedy } = error;
      this.#problems.error({ code, message, remedy, origin: { source, offset: 0 } });
      return undefined;
    }
  }

  #parse(source: Source): readonly (ConfigNode | undefined)[] {
    const node = this.#read(source, 0);
    if (node === undefined || node.kind === 'scalar' || node.kind === 'map')
      return node === undefined ? [node] : unflatten(node);
    const message = 'a configuration must be a map, with sections such as receivers and service';
    this.#problems.error({ code: 'WRONG_TYPE', origin: node.origin, message, remedy: 'write "receivers:" first' });
    return [undefined];
  }

  #override(argument: string): ConfigNode | undefined {
    const split = splitOverride(argument);
    const path = split === undefined ? [] : overridePath(split.key);
    const label = split === undefined ? '--set' : `--set ${split.key}`;
    const source = this.newSource({ label, text: argument, dir: this.#around.cwd });
    if (split === undefined || path.includes('')) {
      const message = split === undefined ? `"${argument}" has no "="` : `the key "${split.key}" has an empty part`;
      const remedy = 'write --set section.component.key=value';
      this.#problems.error({ code: 'BAD_OVERRIDE', origin: { source, offset: 0 }, message, remedy });
      return undefined;
    }
    if (isSensitiveKey(path[path.length - 1])) source.hide(split.valueStart, argument.length);
    const value = this.#read(source, split.valueStart);
    if (value === undefined) return undefined;
    // Here, too: commands that do not check the rest would take an override without effect in silence.
    checkSection(path[0], { source, offset: 0 }, this.#problems);
    return overrideNode(path, value, source);
  }

  #read(source: Source, start: number): ConfigNode | undefined {
    const { node, faults } = parseYaml(source, { start });
    for (const { code, offset, message, remedy, severity } of faults) {
      const finding = { code, origin: { source, offset }, message, remedy };
      if (severity === 'error') this.#problems.error(finding);
      else this.#problems.warn(finding);
    }
    return node;
  }
}

function labelOf(retrieved: Retrieved, order: number): string {
  return retrieved.label === 'yaml:' ? `yaml#${order + 1}` : retrieved.label;
}
