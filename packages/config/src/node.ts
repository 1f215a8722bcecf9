import type { Finding } from './problems.ts';
import type { Origin } from './source.ts';

/** A value of a configuration that remembers where it was written. Immutable; parts may be shared. */
export type ConfigNode = ScalarNode | ListNode | MapNode | InvalidNode;

interface AnyNode {
  readonly origin: Origin;
  /**
   * The unparsed text, where the value stood in a `${...}` or is a scalar: string settings take it, so that `0123`
   * stays `0123`.
   */
  readonly text?: string;
}

export interface ScalarNode extends AnyNode {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
  readonly text: string;
  /** How many characters of the source it takes up; 0 where it does not stand in the source. */
  readonly length: number;
  /** The text stands in the source as it is: an index into it is an index into the source. */
  readonly verbatim: boolean;
  /** The text is that of a file which is no YAML: what is wrong with it, in case that more than text is needed. */
  readonly unparsed?: Finding;
}

/** `bigint` for whole numbers that a double cannot hold. */
export type ScalarValue = string | number | bigint | boolean | null;

export interface ListNode extends AnyNode {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
}

export interface MapNode extends AnyNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export interface MapEntry {
  readonly key: Origin;
  readonly value: ConfigNode;
}

/** Stands where a value could not be read; the fault has been reported, so nothing more is said about it. */
export interface InvalidNode extends AnyNode {
  readonly kind: 'invalid';
}

/** Steps from the root of a configuration to a value. */
export type Path = readonly (string | number)[];

export function isNull(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

export function nullNode(origin: Origin): ScalarNode {
  return { kind: 'scalar', origin, value: null, text: '', length: 0, verbatim: false };
}

export function stringNode(text: string, origin: Origin): ScalarNode {
  return { kind: 'scalar', origin, value: text, text, length: 0, verbatim: false };
}

/** Whether `test` holds for a scalar anywhere below. */
export function someScalar(node: ConfigNode, test: (node: ScalarNode) => boolean): boolean {
  switch (node.kind) {
    case 'scalar':
      return test(node);
    case 'list':
      return node.items.some((item) => someScalar(item, test));
    case 'map':
      return node.entries.values().some((entry) => someScalar(entry.value, test));
    case 'invalid':
      return false;
  }
}

/** Origin of the deepest existing value on a path. */
export function originAt(root: ConfigNode, path: Path): Origin {
  let node = root;
  for (const step of path) {
    const next =
      node.kind === 'map'
        ? node.entries.get(String(step))?.value
        : node.kind === 'list'
          ? node.items[Number(step)]
          : undefined;
    if (next === undefined) break;
    node = next;
  }
  return node.origin;
}

/** `receivers.otlp/2.protocols.grpc`, `service.pipelines.logs.exporters[0]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** The value without its origins. Strings are the parsed ones; whole numbers beyond 2^53 are bigints. */
export function toPlain(node: ConfigNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toPlain);
    case 'map':
      return Object.fromEntries(node.entries.entries().map(([key, entry]) => [key, toPlain(entry.value)]));
    case 'invalid':
      return undefined;
  }
}

/** Nodes for a value that a program passed or a schema holds as a default; all have the same origin. */
export function fromPlain(value: unknown, origin: Origin): ConfigNode {
  if (value === null || value === undefined) return nullNode(origin);
  if (Array.isArray(value)) return { kind: 'list', origin, items: value.map((item) => fromPlain(item, origin)) };
  if (typeof value === 'object') {
    const entries = new Map<string, MapEntry>();
    for (const [key, item] of Object.entries(value)) entries.set(key, { key: origin, value: fromPlain(item, origin) });
    return { kind: 'map', origin, entries };
  }
  const scalar = value as string | number | bigint | boolean;
  return { kind: 'scalar', origin, value: scalar, text: String(scalar), length: 0, verbatim: false };
}
