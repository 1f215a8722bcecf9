import type { ConfigNode, MapEntry, Path, ScalarNode } from './node.ts';
import { someScalar, stringNode } from './node.ts';
import { parseYaml } from './parse-yaml.ts';
import type { Problems } from './problems.ts';
import { ProviderError, retrieveReference, type Retrieved, type Surroundings } from './provider.ts';
import { isSensitiveKey } from './secrets.ts';
import type { Origin, Source } from './source.ts';
import { hasTemplate, parseTemplate, type Reference, type TemplatePart } from './template.ts';

/** References that refer to references, as in the Collector. */
const DEPTH_MAX = 100;
/** All references of a configuration together; stops what multiplies itself. */
const REFERENCES_MAX = 10_000;
const EXPANDED_CHARACTERS_MAX = 16 * 1024 * 1024;

/** What expanding keeps for the whole of a configuration. */
export interface Expansion {
  readonly around: Surroundings;
  readonly problems: Problems;
  /** Makes a source of a text that a reference stands for. */
  newSource(retrieved: Retrieved): Source;
}

/**
 * Replaces every `${...}` in the values below a node. A reference that is the whole value becomes what its text means
 * as YAML, and keeps the text for string settings; one within other text becomes text.
 */
export function expandNode(root: ConfigNode, expansion: Expansion): Promise<ConfigNode> {
  return new Expander(expansion).node(root, [], 0);
}

class Expander {
  readonly #expansion: Expansion;
  #references = 0;
  #characters = 0;

  constructor(expansion: Expansion) {
    this.#expansion = expansion;
  }

  async node(node: ConfigNode, path: Path, depth: number): Promise<ConfigNode> {
    if (!someScalar(node, isTemplate)) return node;
    if (node.kind === 'list') {
      const items: ConfigNode[] = [];
      for (const [index, item] of node.items.entries()) items.push(await this.node(item, [...path, index], depth));
      return { ...node, items };
    }
    if (node.kind === 'map') {
      const entries = new Map<string, MapEntry>();
      for (const [key, entry] of node.entries) {
        entries.set(key, { key: entry.key, value: await this.node(entry.value, [...path, key], depth) });
      }
      return { ...node, entries };
    }
    return node.kind === 'scalar' ? this.#scalar(node, path, depth) : node;
  }

  async #scalar(node: ScalarNode, path: Path, depth: number): Promise<ConfigNode> {
    const parts = parseTemplate(node.text);
    const place = { node, path, depth };
    if (parts.length === 1 && typeof parts[0] !== 'string') return this.#whole(parts[0], place);
    const text = await this.#text(parts, place);
    return text === undefined ? invalid(node.origin) : { ...stringNode(text, node.origin), length: node.length };
  }

  /** A reference that is all of the value. */
  async #whole(reference: Reference, place: Place): Promise<ConfigNode> {
    const retrieved = await this.#retrieve(reference, place);
    if (retrieved === undefined) return invalid(place.node.origin);
    const here: Origin = { ...place.node.origin, via: retrieved.label };
    const deeper = { ...place, depth: place.depth + 1 };
    const text = withoutLastLineEnd(retrieved);
    const source = this.#expansion.newSource(retrieved);
    const parsed =
      retrieved.isText === true ? undefined : parseYaml(source, retrieved.isDocument ? {} : { origin: here });
    if (parsed?.node === undefined || parsed.faults.length > 0 || isString(parsed.node)) {
      // As in the Collector, a text stays exactly as it is, quotes included.
      const fault = retrieved.isDocument ? parsed?.faults[0] : undefined;
      const unparsed = fault === undefined ? {} : { unparsed: { ...fault, origin: { source, offset: fault.offset } } };
      const literal = { ...stringNode(text, here), ...unparsed };
      return hasTemplate(text) ? this.#scalar(literal, place.path, deeper.depth) : literal;
    }
    const value = await this.node(parsed.node, place.path, deeper.depth);
    const expanded = hasTemplate(text) ? await this.#text(parseTemplate(text), deeper) : text;
    return expanded === undefined
      ? invalid(here)
      : { ...value, text: expanded, ...(retrieved.isDocument ? {} : { origin: here }) };
  }

  /** References within other text. */
  async #text(parts: readonly TemplatePart[], place: Place): Promise<string | undefined> {
    let text = '';
    let failed = false;
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part;
        continue;
      }
      const retrieved = await this.#retrieve(part, place);
      const value = retrieved === undefined ? undefined : withoutLastLineEnd(retrieved);
      const deeper = { ...place, depth: place.depth + 1 };
      const expanded =
        value === undefined || !hasTemplate(value) ? value : await this.#text(parseTemplate(value), deeper);
      if (expanded === undefined) failed = true;
      else text += expanded;
    }
    return failed ? undefined : text;
  }

  async #retrieve(reference: Reference, place: Place): Promise<Retrieved | undefined> {
    const origin = originOf(reference, place);
    const limit = this.#limitReached(place.depth);
    if (limit !== undefined) {
      const remedy = 'does a variable or file refer to itself?';
      this.#expansion.problems.error({ code: 'EXPANSION_LIMIT', origin, path: place.path, message: limit, remedy });
      return undefined;
    }
    this.#references += 1;
    const content = await this.#text(reference.parts, { ...place, depth: place.depth + 1 });
    if (content === undefined) return undefined;
    if (content.includes('$')) {
      const message = 'what stands in ${...} must not contain "$"';
      this.#expansion.problems.error({
        code: 'EXPANSION_DOLLAR',
        origin,
        path: place.path,
        message,
        remedy: 'put the value into a variable',
      });
      return undefined;
    }
    try {
      const retrieved = await retrieveReference(content, this.#expansion.around);
      this.#characters += retrieved.text.length;
      const { doubt } = retrieved;
      if (doubt !== undefined) {
        const remedy = `set it, or give a default: \${${retrieved.label}:-default}`;
        this.#expansion.problems.warn({ code: 'ENV_UNSET', origin, path: place.path, message: doubt, remedy });
      }
      return retrieved;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const { code, remedy } = error;
      // A password with a `$` in it may look like a reference.
      const secret = isSensitiveKey(String(place.path.at(-1))) && code === 'ENV_NAME';
      const message = secret ? 'the reference is malformed' : error.message;
      this.#expansion.problems.error({ code, origin, path: place.path, message, remedy });
      return undefined;
    }
  }

  #limitReached(depth: number): string | undefined {
    if (depth > DEPTH_MAX) return `references go on for more than ${DEPTH_MAX} steps`;
    if (this.#references >= REFERENCES_MAX) return `there are more than ${REFERENCES_MAX} references`;
    if (this.#characters > EXPANDED_CHARACTERS_MAX)
      return `references stand for more than ${EXPANDED_CHARACTERS_MAX} characters`;
    return undefined;
  }
}

/** Where a reference is being replaced. */
interface Place {
  readonly node: ScalarNode;
  readonly path: Path;
  readonly depth: number;
}

function originOf(reference: Reference, { node, depth }: Place): Origin {
  const inSource = node.verbatim && depth === 0;
  return inSource ? { ...node.origin, offset: node.origin.offset + reference.index } : node.origin;
}

function isTemplate(node: ScalarNode): boolean {
  return hasTemplate(node.text);
}

function isString(node: ConfigNode): boolean {
  return node.kind === 'scalar' && typeof node.value === 'string';
}

function invalid(origin: Origin): ConfigNode {
  return { kind: 'invalid', origin };
}

/** Files end with a line end that nobody means to be part of a token or an address. Longer texts keep theirs. */
function withoutLastLineEnd({ text, isDocument }: Retrieved): string {
  return isDocument && /^[^\n]*\n$/.test(text) ? text.replace(/\r?\n$/, '') : text;
}
