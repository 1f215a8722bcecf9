import type { Treatment } from './treatment.ts';

/** Any key of a map. */
const ANY = '*';

/** What happens to a value and, where nothing happens to it as a whole, to the values within it. */
export class PathTree {
  treatment: Treatment | undefined;
  readonly #children = new Map<string, PathTree>();
  #any: PathTree | undefined;

  /** The first treatment of a path counts. */
  add(path: readonly string[], treatment: Treatment): void {
    if (path.length === 0) {
      this.treatment ??= treatment;
      return;
    }
    const [key, ...rest] = path;
    let child = key === ANY ? this.#any : this.#children.get(key);
    if (child === undefined) {
      child = new PathTree();
      if (key === ANY) this.#any = child;
      else this.#children.set(key, child);
    }
    child.add(rest, treatment);
  }

  /** What is said of this key, or else of any. */
  of(key: string): PathTree | undefined {
    return this.#children.get(key) ?? this.#any;
  }

  get isEmpty(): boolean {
    return this.treatment === undefined && this.#children.size === 0 && this.#any === undefined;
  }
}
