import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Alias,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { ConfigNode, ListNode, MapEntry, MapNode, ScalarNode } from './node.ts';
import { nullNode } from './node.ts';
import { resolveScalar } from './scalar.ts';
import type { Origin, Source } from './source.ts';
import { adviceFor, withoutFollowers } from './yaml-advice.ts';

/** Larger configurations are mistakes, or attacks. */
export const SOURCE_CHARACTERS_MAX = 4 * 1024 * 1024;
const DEPTH_MAX = 200;
/** Aliases may make a small text stand for very many values; they count each time. */
const NODES_MAX = 200_000;

/** A fault of the text itself. */
export interface SyntaxFault {
  readonly code: string;
  readonly offset: number;
  readonly message: string;
  readonly remedy?: string;
  /** The rest of the text can still be understood. */
  readonly recoverable: boolean;
  readonly severity: 'error' | 'warning';
}

export interface ParsedYaml {
  /** Undefined when the text could not be understood. */
  readonly node: ConfigNode | undefined;
  readonly faults: readonly SyntaxFault[];
}

interface ParseSettings {
  /** Where in the source the YAML starts. */
  readonly start?: number;
  /** Origin of every node, instead of its own position. */
  readonly origin?: Origin;
}

/** Parses YAML into nodes with positions, by the rules of the Collector's YAML library. An empty text is a null. */
export function parseYaml(source: Source, settings: ParseSettings = {}): ParsedYaml {
  const start = settings.start ?? 0;
  const text = (source.text ?? '').slice(start);
  if (text.length > SOURCE_CHARACTERS_MAX) {
    const message = `the text has ${text.length} characters, the most is ${SOURCE_CHARACTERS_MAX}`;
    return { node: undefined, faults: [fault('YAML_TOO_LARGE', start, message)] };
  }
  let document: ReturnType<typeof parseDocument>;
  try {
    // Scalars are typed here, not by the library: `failsafe` leaves them alone.
    document = parseDocument(text, { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { node: undefined, faults: [fault('YAML_TOO_DEEP', start, 'values are nested too deeply')] };
  }
  const found = document.errors.map((error) => adviceFor(error, text, start));
  const faults = withoutFollowers(found, (offset) => source.position(offset).line);
  if (faults.some((found) => !found.recoverable && found.severity === 'error')) return { node: undefined, faults };
  const converter = new Converter(source, start, settings.origin, faults);
  const { contents } = document;
  const node = contents === null ? nullNode(converter.originOf(0)) : converter.convert(contents, 0);
  return { node: faults.some((found) => !found.recoverable) ? undefined : node, faults };
}

type YamlNode = Scalar | Alias | YAMLMap | YAMLSeq;

function fault(code: string, offset: number, message: string, remedy?: string): SyntaxFault {
  return { code, offset, message, ...(remedy === undefined ? {} : { remedy }), recoverable: false, severity: 'error' };
}

class Converter {
  readonly #source: Source;
  readonly #start: number;
  readonly #origin: Origin | undefined;
  readonly #faults: SyntaxFault[];
  readonly #anchors = new Map<string, { node: ConfigNode; size: number }>();
  #nodes = 0;

  constructor(source: Source, start: number, origin: Origin | undefined, faults: SyntaxFault[]) {
    this.#source = source;
    this.#start = start;
    this.#origin = origin;
    this.#faults = faults;
  }

  originOf(offset: number): Origin {
    return this.#origin ?? { source: this.#source, offset: this.#start + offset };
  }

  convert(yaml: YamlNode, depth: number): ConfigNode {
    const offset = yaml.range?.[0] ?? 0;
    if (this.#nodes >= NODES_MAX || depth > DEPTH_MAX) return this.#tooMuch(offset);
    const before = this.#nodes++;
    if (isAlias(yaml)) return this.#alias(yaml, offset);
    const node = isMap(yaml)
      ? this.#map(yaml, offset, depth)
      : isSeq(yaml)
        ? this.#list(yaml, offset, depth)
        : this.#scalar(yaml, offset);
    if (yaml.anchor !== undefined) this.#anchors.set(yaml.anchor, { node, size: this.#nodes - before });
    return node;
  }

  #tooMuch(offset: number): ConfigNode {
    if (!this.#faults.some((found) => found.code === 'YAML_TOO_LARGE')) {
      const message = `there are more than ${NODES_MAX} values, or they are nested deeper than ${DEPTH_MAX}`;
      this.#faults.push(fault('YAML_TOO_LARGE', this.#start + offset, message));
    }
    return { kind: 'invalid', origin: this.originOf(offset) };
  }

  #alias(yaml: Alias, offset: number): ConfigNode {
    const anchor = this.#anchors.get(yaml.source);
    if (anchor === undefined) {
      const message = `the anchor "${yaml.source}" is not defined above`;
      this.#faults.push({
        ...fault('YAML_ALIAS', this.#start + offset, message, `define it: &${yaml.source}`),
        recoverable: true,
      });
      return { kind: 'invalid', origin: this.originOf(offset) };
    }
    this.#nodes += anchor.size;
    return this.#nodes > NODES_MAX ? this.#tooMuch(offset) : anchor.node;
  }

  #list(yaml: YAMLSeq, offset: number, depth: number): ListNode {
    const items = yaml.items.map((item) => this.convert(item as YamlNode, depth + 1));
    return { kind: 'list', origin: this.originOf(offset), items };
  }

  #map(yaml: YAMLMap, offset: number, depth: number): MapNode {
    const entries = new Map<string, MapEntry>();
    const merged: ConfigNode[] = [];
    for (const pair of yaml.items) {
      const key = pair.key as YamlNode | null;
      const keyOffset = key?.range?.[0] ?? offset;
      const value = this.#value(pair.value as YamlNode | null, keyOffset, depth);
      const name = this.#key(key, keyOffset);
      if (name === undefined) continue;
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') merged.push(value);
      else if (this.#unique(name, entries, keyOffset)) entries.set(name, { key: this.originOf(keyOffset), value });
    }
    for (const node of merged) this.#mergeKey(entries, node);
    return { kind: 'map', origin: this.originOf(offset), entries };
  }

  #key(key: YamlNode | null, offset: number): string | undefined {
    const name = isScalar(key) ? scalarText(key) : isAlias(key) ? this.#anchors.get(key.source)?.node.text : undefined;
    if (name === undefined || name === '__proto__') {
      const message = name === undefined ? 'a key must be plain text' : `the key "${name}" is not allowed`;
      const remedy = 'write another key';
      this.#faults.push({ ...fault('YAML_KEY', this.#start + offset, message, remedy), recoverable: true });
      return undefined;
    }
    return name;
  }

  #value(value: YamlNode | null, keyOffset: number, depth: number): ConfigNode {
    // A key with nothing behind it: the place to show is the key.
    if (value === null) return nullNode(this.originOf(keyOffset));
    if (isScalar(value) && value.source === '' && value.type === 'PLAIN' && value.anchor === undefined) {
      return nullNode(this.originOf(keyOffset));
    }
    return this.convert(value, depth + 1);
  }

  #unique(name: string, entries: Map<string, MapEntry>, offset: number): boolean {
    const first = entries.get(name);
    if (first === undefined) return true;
    const { line } = this.#source.position(first.key.offset);
    const message = `the key "${name}" is already set in line ${line}`;
    const remedy = 'keep one of them, or merge what is below';
    this.#faults.push({ ...fault('YAML_DUPLICATE_KEY', this.#start + offset, message, remedy), recoverable: true });
    return false;
  }

  /** `<<: *base`: keys of other maps, which those written here outrank. */
  #mergeKey(entries: Map<string, MapEntry>, node: ConfigNode): void {
    if (node.kind === 'list') for (const item of node.items) this.#mergeKey(entries, item);
    else if (node.kind === 'map')
      for (const [key, entry] of node.entries) if (!entries.has(key)) entries.set(key, entry);
    if (node.kind === 'scalar') {
      const message = 'what follows << must be a map, or a list of maps';
      this.#faults.push({ ...fault('YAML_MERGE', node.origin.offset, message), recoverable: true });
    }
  }

  #scalar(yaml: Scalar, offset: number): ScalarNode {
    const text = scalarText(yaml);
    const typed = yaml.type === 'PLAIN' && yaml.tag !== 'tag:yaml.org,2002:str';
    const end = yaml.range?.[1] ?? offset;
    return {
      kind: 'scalar',
      origin: this.originOf(offset),
      value: typed ? resolveScalar(text) : text,
      text,
      length: this.#origin === undefined ? end - offset : 0,
      verbatim: this.#origin === undefined && yaml.type === 'PLAIN' && end - offset === text.length,
    };
  }
}

function scalarText(yaml: Scalar): string {
  return yaml.type === 'PLAIN' ? (yaml.source ?? '') : String(yaml.value);
}
