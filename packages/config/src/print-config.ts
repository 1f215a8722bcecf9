import type { SchemaData } from '@millrace/api';
import { stringify } from 'yaml';
import { findComponents, SECTION_NAMES, SECTIONS, type ComponentEntries } from './component-entries.ts';
import { ConfigErrors } from './config-errors.ts';
import { ConstraintChecker } from './constraints.ts';
import type { LoadSettings } from './load-config.ts';
import { TreeLoader } from './load-tree.ts';
import type { ConfigNode } from './node.ts';
import { fromPlain, isNull } from './node.ts';
import { loadPlugins } from './plugins.ts';
import { Problems } from './problems.ts';
import { collectSecrets, isSecret, itemsOf, propertyOf, redactText } from './redact.ts';
import { serviceSchema } from './service-schema.ts';
import { REDACTED, type Origin } from './source.ts';

export interface PrintSettings extends LoadSettings {
  /** Whether settings that were not written are printed with their defaults. */
  readonly defaults?: boolean;
}

/**
 * The merged configuration with its references resolved, as YAML that loads again. Secrets are `[REDACTED]`: those
 * of the schemas, and whatever stands under a key that sounds like one. Faults beyond syntax do not matter here.
 */
export async function printConfig(sources: readonly string[], settings: PrintSettings): Promise<string> {
  const problems = new Problems();
  const root = await new TreeLoader(settings, problems).load(sources, settings.sets ?? []);
  if (root === undefined || problems.errorCount > 0)
    throw new ConfigErrors(problems.list('error'), problems.list('warning'));
  if (root.kind !== 'map') return '';
  const context = {
    problems: new Problems(),
    constraints: await ConstraintChecker.load(),
    references: [],
    secrets: new Set<string>(),
  };
  await loadPlugins(root.entries.get('plugins')?.value, settings.registry, context);
  const entries = await findComponents(root.entries, settings.registry, new Problems());
  const schema = schemaOf(root.entries.keys(), entries);
  const secrets = new Set<string>();
  collectSecrets(root, schema, '', secrets);
  const printable = new Printer(secrets, settings.defaults === true).value(root, schema, '');
  return stringify(printable, { schema: 'yaml-1.1', nullStr: '', lineWidth: 0, aliasDuplicateObjects: false });
}

/** One schema for the whole of a configuration: ids stand in the place of keys. */
function schemaOf(sections: Iterable<string>, entries: ComponentEntries): SchemaData {
  const properties: Record<string, SchemaData> = { service: serviceSchema };
  for (const section of sections) {
    const name = SECTION_NAMES.find((known) => known === section);
    if (name === undefined) continue;
    const components = entries[SECTIONS[name]].values();
    const known = components.flatMap(({ path, found }) =>
      found === undefined ? [] : [[String(path[1]), found.definition.config] as const],
    );
    // `x-optional` keeps components that are not written from being filled in.
    properties[section] = { type: 'object', 'x-optional': true, properties: Object.fromEntries(known) };
  }
  return { type: 'object', properties };
}

class Printer {
  readonly #secrets: ReadonlySet<string>;
  readonly #defaults: boolean;

  constructor(secrets: ReadonlySet<string>, defaults: boolean) {
    this.#secrets = secrets;
    this.#defaults = defaults;
  }

  value(node: ConfigNode, schema: SchemaData | undefined, key: string): unknown {
    if (isSecret(schema, key)) return this.#redacted(node);
    if (this.#defaults && isNull(node) && schema?.type === 'object') return this.#map(new Map(), schema, node.origin);
    switch (node.kind) {
      case 'map':
        return this.#map(node.entries, schema, node.origin);
      case 'list':
        return node.items.map((item) => this.value(item, itemsOf(schema), key));
      case 'scalar': {
        if (schema?.type === 'string' && node.value !== null) return this.#text(node.text);
        return typeof node.value === 'string' ? this.#text(node.value) : node.value;
      }
      case 'invalid':
        return null;
    }
  }

  #map(
    entries: ReadonlyMap<string, { readonly value: ConfigNode }>,
    schema: SchemaData | undefined,
    origin: Origin,
  ): Record<string, unknown> {
    const printed: Record<string, unknown> = {};
    for (const [key, entry] of entries) printed[key] = this.value(entry.value, propertyOf(schema, key), key);
    if (!this.#defaults) return printed;
    for (const [key, property] of Object.entries(schema?.properties ?? {})) {
      if (entries.has(key) || property['x-optional'] === true) continue;
      if (property.default !== undefined) printed[key] = this.value(fromPlain(property.default, origin), property, key);
      else if (property.type === 'object' && property.properties !== undefined)
        printed[key] = this.#map(new Map(), property, origin);
    }
    return printed;
  }

  #redacted(node: ConfigNode): unknown {
    if (isNull(node) || (node.kind === 'scalar' && node.text === '')) return node.kind === 'scalar' ? node.value : null;
    if (node.kind === 'map') return Object.fromEntries(node.entries.keys().map((key) => [key, REDACTED]));
    return REDACTED;
  }

  /** A `$` is doubled, so that the text means the same when it is loaded again. */
  #text(text: string): string {
    return redactText(text, this.#secrets).replaceAll('$', '$$$$');
  }
}
