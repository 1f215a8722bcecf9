import {
  type ConfigNode,
  describeNode,
  didYouMeanOf,
  type MapNode,
  type Origin,
  parseDuration,
  type Problems,
} from '@millrace/config';

/** Reads values of a file of tests, and says where one is not what it must be. */
export class NodeReader {
  readonly problems: Problems;

  constructor(problems: Problems) {
    this.problems = problems;
  }

  /** The entries of a map whose keys are all known. */
  fields<const K extends string>(
    node: ConfigNode,
    what: string,
    known: readonly K[],
  ): Partial<Record<K, ConfigNode>> | undefined {
    const map = this.map(node, what);
    if (map === undefined) return undefined;
    for (const [name, { key }] of map.entries) {
      if ((known as readonly string[]).includes(name)) continue;
      const remedy = didYouMeanOf(name, known, 'known keys');
      this.problems.error({ code: 'UNKNOWN_KEY', origin: key, message: `the key "${name}" is not known`, remedy });
    }
    const found: Partial<Record<K, ConfigNode>> = {};
    for (const name of known) {
      const value = map.entries.get(name)?.value;
      if (value !== undefined) found[name] = value;
    }
    return found;
  }

  map(node: ConfigNode, what: string): MapNode | undefined {
    if (node.kind === 'map') return node;
    return this.wrong(node, what);
  }

  list(node: ConfigNode, what: string): readonly ConfigNode[] {
    if (node.kind === 'list') return node.items;
    return this.wrong(node, what) ?? [];
  }

  /** One text, or a list of them. */
  texts(node: ConfigNode | undefined, what: string): { readonly text: string; readonly origin: Origin }[] {
    if (node === undefined) return [];
    const items = node.kind === 'list' ? node.items : [node];
    return items.flatMap((item) => {
      const text = this.text(item, what);
      return text === undefined ? [] : [{ text, origin: item.origin }];
    });
  }

  text(node: ConfigNode | undefined, what: string): string | undefined {
    if (node === undefined) return undefined;
    if (node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '') return node.value;
    return this.wrong(node, what);
  }

  word<const W extends string>(node: ConfigNode, words: readonly W[]): W | undefined {
    if (node.kind === 'scalar' && (words as readonly unknown[]).includes(node.value)) return node.value as W;
    return this.wrong(node, `one of ${words.join(', ')}`);
  }

  wholeNumber(node: ConfigNode): number | undefined {
    if (node.kind === 'scalar' && Number.isInteger(node.value) && Number(node.value) >= 0) return Number(node.value);
    return this.wrong(node, 'a whole number');
  }

  flag(node: ConfigNode): boolean | undefined {
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    return this.wrong(node, 'true or false');
  }

  durationMs(node: ConfigNode): number | undefined {
    const ms = node.kind === 'scalar' ? parseDuration(node.text) : undefined;
    return ms === undefined || ms < 0 ? this.wrong(node, 'a duration such as 10s') : ms;
  }

  missing(origin: Origin, name: string, remedy: string): undefined {
    this.problems.error({ code: 'MISSING_KEY', origin, message: `"${name}" is missing`, remedy });
    return undefined;
  }

  wrong(node: ConfigNode, expected: string): undefined {
    if (node.kind === 'invalid') return undefined;
    const message = `must be ${expected}, got ${describeNode(node)}`;
    this.problems.error({ code: 'WRONG_TYPE', origin: node.origin, message });
    return undefined;
  }
}
