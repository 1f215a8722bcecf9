import { ComponentError, type Definition, DeliveryError, type Kind, messageOf } from '@millrace/api';
import type { Registry, RegistryEntry } from '@millrace/config';
import { checkDefinition, urlOfValue } from '@millrace/workers';
import { BUILT_IN_PLUGINS } from '../generated/built-in-plugins.ts';
import { PluginRegistry } from '../registry.ts';
import type { PluginInput } from './options.ts';

const KINDS: readonly Kind[] = ['receiver', 'processor', 'exporter', 'connector', 'extension'];

/** The components of an embedded collector: what its program passes as values, then modules, then the built-in ones. */
export class EmbeddedRegistry implements Registry {
  readonly #values = new Map<string, Definition>();
  readonly #modules = new PluginRegistry();

  /** `own` are those of the collector itself, which a program may replace as well. @throws {ComponentError} */
  static async of(plugins: readonly PluginInput[], own: readonly Definition[], cwd: string): Promise<EmbeddedRegistry> {
    const registry = new EmbeddedRegistry();
    for (const [index, plugin] of plugins.entries()) {
      if (typeof plugin !== 'string' && !(plugin instanceof URL)) registry.#addValues(plugin, index);
    }
    for (const plugin of plugins) {
      if (typeof plugin === 'string' || plugin instanceof URL) await registry.load(String(plugin), cwd);
    }
    for (const definition of own) {
      const key = keyOf(definition.kind, definition.type);
      if (!registry.#values.has(key)) registry.#values.set(key, definition);
    }
    return registry;
  }

  async find<K extends Kind>(kind: K, type: string): Promise<RegistryEntry<K> | undefined> {
    const value = this.#values.get(keyOf(kind, type)) as Definition<K> | undefined;
    if (value !== undefined) return { definition: value, module: urlOfValue(value as Definition) };
    await checkThatModulesAreOurs(kind, type);
    return this.#modules.find(kind, type);
  }

  types(kind: Kind): readonly string[] {
    const values = [...this.#values.keys()].filter((key) => key.startsWith(`${kind}:`));
    return [...new Set([...values.map((key) => key.slice(kind.length + 1)), ...this.#modules.types(kind)])];
  }

  async load(specifier: string, baseDir: string): Promise<void> {
    const before = this.#moduleKeys();
    await this.#modules.load(specifier, baseDir);
    for (const key of this.#moduleKeys()) {
      if (!before.has(key) && this.#values.has(key)) throw clash(key, `the plugin "${specifier}" and a value`);
    }
  }

  #moduleKeys(): ReadonlySet<string> {
    return new Set(KINDS.flatMap((kind) => this.#modules.types(kind).map((type) => keyOf(kind, type))));
  }

  #addValues(plugin: Exclude<PluginInput, string | URL>, index: number): void {
    const list: readonly unknown[] = Array.isArray(plugin) ? plugin : [plugin];
    const place = `plugins[${index}] of the options`;
    for (const each of list) {
      checkDefinition(each, { what: place, plugin: place });
      for (const name of [each.type, ...(each.aliases ?? [])]) {
        const key = keyOf(each.kind, name);
        if (this.#values.has(key)) throw clash(key, 'two values');
        this.#values.set(key, each);
      }
    }
  }
}

function keyOf(kind: Kind, type: string): string {
  return `${kind}:${type}`;
}

function clash(key: string, who: string): ComponentError {
  return new ComponentError(`${who} define the ${key.replace(':', ' "')}"`, {
    code: 'PLUGIN_CLASH',
    remedy: 'rename one of the types, or pass one of the plugins only',
  });
}

/**
 * A bundle has a copy of Millrace in it. A built-in plugin that it imports at run time would come with another copy,
 * which disagrees about what a DeliveryError is: then data that should be sent again would count as refused for good.
 */
async function checkThatModulesAreOurs(kind: Kind, type: string): Promise<void> {
  const builtIn = BUILT_IN_PLUGINS.find((each) => each.kind === kind && [each.type, ...each.aliases].includes(type));
  if (builtIn === undefined) return;
  try {
    const api = (await import(import.meta.resolve('@millrace/api'))) as { readonly DeliveryError?: unknown };
    if (api.DeliveryError === DeliveryError) return;
  } catch (error) {
    throw bundled(builtIn.module, messageOf(error));
  }
  throw bundled(builtIn.module, 'it would bring another copy of @millrace/api with it');
}

function bundled(module: string, reason: string): ComponentError {
  const remedy = `import it and pass it as a value: import plugin from '${module}', then plugins: [plugin]`;
  return new ComponentError(
    `${module} cannot be imported by this program, which seems to be bundled (${reason}); ${remedy}`,
    {
      code: 'PLUGIN_IN_BUNDLE',
      remedy,
    },
  );
}
