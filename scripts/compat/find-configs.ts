import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isMap, isScalar, isSeq, parseAllDocuments, stringify, type Document, type Node } from 'yaml';

/** A configuration of the Collector's, wherever it stands. */
export interface FoundConfig {
  /** The file, and where inside it: `values.yaml#config`. */
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

export interface Findings {
  readonly configs: readonly FoundConfig[];
  /** YAML files that hold none, or that no YAML parser reads. */
  readonly skipped: readonly string[];
}

const DEPTH_MAX = 12;
const SECTIONS = ['receivers', 'processors', 'exporters', 'connectors'];

/**
 * Configurations in the YAML files of folders: a whole file, or a part of one, such as a ConfigMap's text, a Helm value
 * or the `spec.config` of an OpenTelemetryCollector resource.
 */
export function findConfigs(places: readonly string[]): Findings {
  const configs: FoundConfig[] = [];
  const skipped: string[] = [];
  for (const file of places.flatMap(yamlFiles)) {
    const found = configsIn(file, readFileSync(file, 'utf8'));
    if (found.length === 0) skipped.push(file);
    configs.push(...found);
  }
  return { configs, skipped };
}

/** The configurations in a text; a file that is one as a whole keeps its comments and positions. */
export function configsIn(file: string, text: string): FoundConfig[] {
  const documents = parseAllDocuments(text, { merge: true, uniqueKeys: false });
  const [first] = documents;
  if (documents.length === 1 && isConfig(first.contents)) return [{ name: file, file, text }];
  const found: FoundConfig[] = [];
  for (const [index, document] of (documents as Document[]).entries()) {
    const prefix = documents.length > 1 ? [String(index)] : [];
    walk(document.contents, prefix, (where, inner) => {
      found.push({ name: `${file}#${where.join('.')}`, file, text: inner });
    });
  }
  return found;
}

function yamlFiles(place: string): string[] {
  if (statSync(place).isFile()) return [place];
  return globSync('**/*.{yaml,yml}', { cwd: place, exclude: (name) => name === 'node_modules' })
    .toSorted()
    .map((name) => path.join(place, name));
}

function isConfig(node: unknown): boolean {
  if (!isMap(node)) return false;
  const service = node.get('service');
  return isMap(service) && isMap(service.get('pipelines')) && SECTIONS.some((section) => node.has(section));
}

function walk(node: unknown, where: readonly string[], report: (where: readonly string[], text: string) => void): void {
  if (where.length > DEPTH_MAX) return;
  if (isConfig(node)) {
    report(where, stringify((node as Node).toJSON()));
  } else if (isMap(node)) {
    for (const { key, value } of node.items) walk(value, [...where, String(key)], report);
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) walk(item, [...where, String(index)], report);
  } else if (isScalar(node) && typeof node.value === 'string' && node.value.includes('pipelines:')) {
    const inner = parseAllDocuments(node.value, { merge: true, uniqueKeys: false });
    if (inner.length === 1 && isConfig(inner[0].contents)) report(where, node.value);
  }
}
