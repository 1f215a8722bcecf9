import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { KEY_PARTS_MAX, type CollectorComponent } from './collector-facts.ts';

/** The part of JSON Schema that the Collector's schemas use. */
interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

interface Package {
  /** As Go imports it. */
  readonly name: string;
  readonly version: string;
  readonly schema: Schema;
}

const FILE = 'config.schema.yaml';
const REPOSITORIES = ['go.opentelemetry.io/collector', 'github.com/open-telemetry/opentelemetry-collector-contrib'];
/** References that lead to references. */
const DEPTH_MAX = 20;

/** The schemas in Go's module cache, of the newest version of each package that has one. */
export class CollectorSchemas {
  readonly #cache: string;
  readonly #packages = new Map<string, Package | undefined>();
  readonly unresolved = new Set<string>();

  constructor(cache: string) {
    this.#cache = cache;
  }

  /** All keys of a component; undefined where its module is not in the cache, or has no schema. */
  keysOf(module: string): CollectorComponent | undefined {
    const found = this.#package(module);
    if (found === undefined) return undefined;
    const keys = new Set<string>();
    this.#collect(found.schema, { of: found, prefix: '', depth: 0, keys });
    return { module, version: found.version, keys: [...keys].toSorted() };
  }

  #collect(schema: Schema, at: { of: Package; prefix: string; depth: number; keys: Set<string> }): void {
    const { of, prefix, depth, keys } = at;
    if (depth > DEPTH_MAX || prefix.split('.').length > KEY_PARTS_MAX) return;
    if (schema.$ref !== undefined) {
      const target = this.#resolve(schema.$ref, of);
      if (target === undefined) this.unresolved.add(`${schema.$ref} of ${of.name}`);
      else this.#collect(target.schema, { ...at, of: target.of, depth: depth + 1 });
    }
    for (const part of schema.allOf ?? []) this.#collect(part, at);
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const key = `${prefix}${name}`;
      keys.add(key);
      this.#collect(property, { ...at, prefix: `${key}.` });
    }
    const bare = prefix.replace(/\.$/, '');
    if (schema.items !== undefined) this.#collect(schema.items, { ...at, prefix: `${bare}[].` });
    if (typeof schema.additionalProperties === 'object')
      this.#collect(schema.additionalProperties, { ...at, prefix: `${prefix}*.` });
  }

  /** `name`, `./package.name`, `/package/from/the/root.name`, or a whole import path. */
  #resolve(reference: string, from: Package): { readonly of: Package; readonly schema: Schema } | undefined {
    const slash = reference.lastIndexOf('/');
    const dot = reference.indexOf('.', slash + 1);
    const place = slash === -1 ? '' : reference.slice(0, dot === -1 ? undefined : dot);
    const name = slash === -1 ? reference : dot === -1 ? undefined : reference.slice(dot + 1);
    const of = place === '' ? from : this.#package(packageName(place, from));
    const schema = name === undefined ? of?.schema : of?.schema.$defs?.[name];
    return of === undefined || schema === undefined ? undefined : { of, schema };
  }

  #package(name: string): Package | undefined {
    if (!this.#packages.has(name)) this.#packages.set(name, this.#read(name));
    return this.#packages.get(name);
  }

  /** A package lies in its module's folder, which has the version in its name, or below it. */
  #read(name: string): Package | undefined {
    for (let module = name; module.includes('/'); module = path.posix.dirname(module)) {
      for (const version of this.#versions(module)) {
        const file = path.join(this.#cache, `${module}@${version}`, name.slice(module.length), FILE);
        if (existsSync(file)) return { name, version, schema: parse(readFileSync(file, 'utf8')) as Schema };
      }
    }
    return undefined;
  }

  /** The newest first. */
  #versions(module: string): string[] {
    const folder = path.join(this.#cache, path.dirname(module));
    if (!existsSync(folder)) return [];
    const prefix = `${path.basename(module)}@`;
    const versions = readdirSync(folder).filter((name) => name.startsWith(prefix));
    return versions
      .map((name) => name.slice(prefix.length))
      .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  }
}

function packageName(place: string, from: Package): string {
  if (place.startsWith('.')) return path.posix.join(from.name, place);
  if (!place.startsWith('/')) return place;
  const repository = REPOSITORIES.find((name) => from.name.startsWith(`${name}/`)) ?? REPOSITORIES[0];
  return `${repository}${place}`;
}
