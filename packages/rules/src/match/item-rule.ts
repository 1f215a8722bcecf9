import type { AttributesView } from '@millrace/otlp';

/** The part of a scope that rules look at. */
export interface ScopeName {
  readonly name: string;
  readonly version: string;
}

/**
 * Criteria that an item must meet all of, in three parts, so that what is common to many items is looked at once: an item matches
 * when its resource, its scope and the item itself do.
 */
export interface ItemRule<Item> {
  matchesResource(attributes: AttributesView): boolean;
  matchesScope(scope: ScopeName): boolean;
  matchesItem(item: Item): boolean;
}
