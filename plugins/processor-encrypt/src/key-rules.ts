import { compilePattern, type Pattern } from '@millrace/pattern';
import type { AttributePlace } from '@millrace/rules';
import type { FieldSettings } from './encrypt-settings.ts';
import { PathTree } from './path-tree.ts';
import type { Treatment } from './treatment.ts';

/** An entry of `fields` with what it does. */
export interface TreatedField {
  readonly settings: FieldSettings;
  readonly treatment: Treatment;
}

/** A whole value, by the entry that names it. */
interface Whole {
  readonly entry: number;
  readonly tree: PathTree;
}

const KEYS_MAX = 4_096;

/** What happens to the attributes of one kind of place, by their keys. */
export class KeyRules {
  readonly #names = new Map<string, Whole>();
  readonly #patterns: (Whole & { readonly pattern: Pattern })[] = [];
  readonly #paths = new PathTree();
  readonly #known = new Map<string, PathTree | undefined>();

  constructor(fields: readonly TreatedField[], place: AttributePlace) {
    fields.forEach(({ settings, treatment }, entry) => {
      if (!settings.in.includes(place)) return;
      const tree = new PathTree();
      tree.add([], treatment);
      for (const name of settings.names) if (!this.#names.has(name)) this.#names.set(name, { entry, tree });
      for (const pattern of settings.patterns) this.#patterns.push({ pattern: compilePattern(pattern), entry, tree });
      for (const path of settings.paths) this.#paths.add(path, treatment);
    });
  }

  get isEmpty(): boolean {
    return this.#names.size === 0 && this.#patterns.length === 0 && this.#paths.isEmpty;
  }

  /** The first entry counts that takes the whole value; paths count where none does. */
  of(key: string): PathTree | undefined {
    if (this.#known.has(key)) return this.#known.get(key);
    const found = this.#find(key);
    // Keys that are made from data could be without end; starting over is cheaper than keeping track of age.
    if (this.#known.size >= KEYS_MAX) this.#known.clear();
    this.#known.set(key, found);
    return found;
  }

  #find(key: string): PathTree | undefined {
    const named = this.#names.get(key);
    const before = named?.entry ?? Infinity;
    const matching = this.#patterns.find(({ entry, pattern }) => entry < before && pattern.test(key));
    return (matching ?? named)?.tree ?? this.#paths.of(key);
  }
}
