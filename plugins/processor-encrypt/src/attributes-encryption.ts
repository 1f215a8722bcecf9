import { type AttributesView, key, type Key } from '@millrace/otlp';
import { editValue } from './edit-value.ts';
import type { KeyRules } from './key-rules.ts';
import type { PathTree } from './path-tree.ts';

/** Attributes of one item that are remembered; further ones share a place. */
const POSITIONS_MAX = 64;

type Test = Parameters<AttributesView['deleteWhere']>[0];
type Attribute = Parameters<Test>[0];

/**
 * Encrypts the attributes of one kind of place. The items of a source mostly have the same keys in the same places, so the last
 * decision for each place is kept: where the key is the same, its bytes are compared, and nothing is decoded.
 */
export class AttributesEncryption {
  readonly #rules: KeyRules;
  readonly #keys: Key[] = [];
  readonly #trees: (PathTree | undefined)[] = [];
  #position = 0;
  readonly #foundKeys: Key[] = [];
  readonly #foundTrees: PathTree[] = [];
  readonly #visit: Test = (attribute) => this.#note(attribute);

  constructor(rules: KeyRules) {
    this.#rules = rules;
  }

  apply(attributes: AttributesView): void {
    if (this.#rules.isEmpty) return;
    this.#position = 0;
    this.#foundKeys.length = this.#foundTrees.length = 0;
    attributes.deleteWhere(this.#visit);
    for (let i = 0; i < this.#foundKeys.length; i++) {
      const name = this.#foundKeys[i];
      const value = attributes.raw(name);
      const edited = value === undefined ? undefined : editValue(value, this.#foundTrees[i]);
      if (edited !== undefined) attributes.setRaw(name, edited);
    }
  }

  /** Notes what is to be encrypted; removes nothing. */
  #note(attribute: Attribute): boolean {
    const position = Math.min(this.#position++, POSITIONS_MAX);
    if (position >= this.#keys.length || !attribute.hasKey(this.#keys[position])) {
      const text = attribute.key;
      this.#keys[position] = key(text);
      this.#trees[position] = this.#rules.of(text);
    }
    const tree = this.#trees[position];
    if (tree !== undefined) {
      this.#foundKeys.push(this.#keys[position]);
      this.#foundTrees.push(tree);
    }
    return false;
  }
}
