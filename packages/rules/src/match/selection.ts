import type { AttributesView } from '@millrace/otlp';
import type { ItemRule, ScopeName } from './item-rule.ts';

/**
 * Which items `include` and `exclude` select: those that the first matches, or all without it, unless the second matches.
 * To be told of each resource and scope before it is asked about their items.
 */
export class Selection<Item> {
  readonly #include: ItemRule<Item> | undefined;
  readonly #exclude: ItemRule<Item> | undefined;
  #includesResource = true;
  #excludesResource = false;
  #includesScope = true;
  #excludesScope = false;

  constructor(include: ItemRule<Item> | undefined, exclude: ItemRule<Item> | undefined) {
    this.#include = include;
    this.#exclude = exclude;
  }

  /** Nothing was configured: all items are selected. */
  get isEverything(): boolean {
    return this.#include === undefined && this.#exclude === undefined;
  }

  /** Returns false when no item of the resource can be selected. */
  enterResource(attributes: AttributesView): boolean {
    this.#includesResource = this.#include === undefined || this.#include.matchesResource(attributes);
    this.#excludesResource = this.#exclude !== undefined && this.#exclude.matchesResource(attributes);
    return this.#includesResource;
  }

  /** Returns false when no item of the scope can be selected. */
  enterScope(scope: ScopeName): boolean {
    this.#includesScope = this.#includesResource && (this.#include === undefined || this.#include.matchesScope(scope));
    this.#excludesScope = this.#excludesResource && this.#exclude!.matchesScope(scope);
    return this.#includesScope;
  }

  selects(item: Item): boolean {
    if (!this.#includesScope || (this.#include !== undefined && !this.#include.matchesItem(item))) return false;
    return !(this.#excludesScope && this.#exclude!.matchesItem(item));
  }
}
