import { ComponentError, type Definition, type Kind } from '@millrace/api';
import type { Registry, RegistryEntry } from '@millrace/config';
import { loadPluginModule } from '@millrace/workers';

/** Components for one test: definitions as values or modules, then what another registry knows. */
export class TestRegistry implements Registry {
  readonly #entries: RegistryEntry[] = [];
  readonly #behind: Registry | undefined;

  constructor(behind?: Registry) {
    this.#behind = behind;
  }

  /** Adds a definition. `plugin` is what a configuration calls what it comes from. `module` is the URL that workers import it from; without it only main-thread halves run. */
  add(definition: Definition, module?: string, plugin?: string): void {
    this.#entries.push({ definition, module, ...(plugin === undefined ? {} : { plugin }) });
  }

  /** Adds every definition of a module, imported as the collector imports plugins. */
  async addModule(url: URL | string): Promise<readonly Definition[]> {
    const { url: module, definitions } = await loadPluginModule(String(url), process.cwd());
    for (const definition of definitions) this.add(definition, module);
    return definitions;
  }

  async find<K extends Kind>(kind: K, type: string): Promise<RegistryEntry<K> | undefined> {
    const found = this.#entries.find(
      ({ definition }) => definition.kind === kind && namesOf(definition).includes(type),
    );
    return (found as RegistryEntry<K> | undefined) ?? this.#behind?.find(kind, type);
  }

  types(kind: Kind): readonly string[] {
    const own = this.#entries.filter(({ definition }) => definition.kind === kind);
    return [...own.flatMap(({ definition }) => namesOf(definition)), ...(this.#behind?.types(kind) ?? [])];
  }

  async load(specifier: string, baseDir: string): Promise<void> {
    const { url, definitions } = await loadPluginModule(specifier, baseDir);
    for (const definition of definitions) {
      const known = await this.find(definition.kind, definition.type);
      // A reload loads it again.
      if (known?.definition === definition) continue;
      if (known !== undefined) {
        throw new ComponentError(`${specifier} defines the ${definition.kind} "${definition.type}", which is there`, {
          code: 'PLUGIN_CLASH',
        });
      }
      this.add(definition, url, specifier);
    }
  }
}

function namesOf({ type, aliases = [] }: Definition): readonly string[] {
  return [type, ...aliases];
}
