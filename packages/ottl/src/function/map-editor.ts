import type { AttributesView, Key as WireKey } from '@millrace/otlp';
import { key as wireKey } from '@millrace/otlp';
import { readAttribute, readAttributes, setAttribute, writeAttributes } from '../value/attribute-values.ts';
import type { Value, ValueMap } from '../value/value.ts';

/**
 * A map that an editor changes in place. Attributes are edited on the wire: what is not touched is not decoded. Keys that are
 * known beforehand should be made once, with `key()`.
 */
export interface MapEditor {
  readonly size: number;
  has(key: string | WireKey): boolean;
  /** Undefined when there is no such key. */
  get(key: string | WireKey): Value | undefined;
  set(key: string | WireKey, value: Value): void;
  /** Whether there was one. */
  delete(key: string | WireKey): boolean;
  clear(): void;
  keys(): string[];
  entries(): ValueMap;
  /** Puts these entries in place of all. */
  replace(entries: ValueMap): void;
  deleteWhere(test: (key: string) => boolean): void;
  /** Deletes every key that is not one of these. */
  retain(keys: readonly WireKey[]): void;
  /**
   * Gives each value that is a string to `change`, and sets what that returns where it differs. Strings of no more than `bytesMin`
   * bytes of UTF-8 may be left out.
   */
  changeStrings(change: (text: string, key: string) => string, bytesMin?: number): void;
}

/** Edits attributes on the wire. One editor is used again for every record: set `view` first. */
export class WireMapEditor implements MapEditor {
  view!: AttributesView;

  get size(): number {
    return this.view.size;
  }

  has(key: string | WireKey): boolean {
    return this.view.has(key);
  }

  get(key: string | WireKey): Value | undefined {
    return readAttribute(this.view, typeof key === 'string' ? wireKey(key) : key);
  }

  set(key: string | WireKey, value: Value): void {
    setAttribute(this.view, typeof key === 'string' ? wireKey(key) : key, value);
  }

  delete(key: string | WireKey): boolean {
    return this.view.delete(key);
  }

  clear(): void {
    if (this.view.size > 0) this.view.clear();
  }

  keys(): string[] {
    return [...this.view.keys()];
  }

  entries(): ValueMap {
    return readAttributes(this.view);
  }

  replace(entries: ValueMap): void {
    writeAttributes(this.view, entries);
  }

  deleteWhere(test: (key: string) => boolean): void {
    this.view.deleteWhere((attribute) => test(attribute.key));
  }

  retain(keys: readonly WireKey[]): void {
    this.view.retain((attribute) => keys.some((each) => attribute.hasKey(each)));
  }

  changeStrings(change: (text: string, key: string) => string, bytesMin?: number): void {
    this.view.changeStrings(change, bytesMin);
  }
}

/** Edits a copy of a map that is made when something changes; `result` is what it is in the end. */
export class PlainMapEditor implements MapEditor {
  private map: ValueMap;
  private copy: Map<string, Value> | null = null;

  constructor(map: ValueMap) {
    this.map = map;
  }

  /** The map after all edits; the very same object when there were none. */
  get result(): ValueMap {
    return this.map;
  }

  get size(): number {
    return this.map.size;
  }

  has(key: string | WireKey): boolean {
    return this.map.has(text(key));
  }

  get(key: string | WireKey): Value | undefined {
    return this.map.get(text(key));
  }

  set(key: string | WireKey, value: Value): void {
    this.own().set(text(key), value);
  }

  delete(key: string | WireKey): boolean {
    return this.map.has(text(key)) && this.own().delete(text(key));
  }

  clear(): void {
    if (this.map.size > 0) this.replace(new Map());
  }

  keys(): string[] {
    return [...this.map.keys()];
  }

  entries(): ValueMap {
    return new Map(this.map);
  }

  replace(entries: ValueMap): void {
    this.copy = new Map(entries);
    this.map = this.copy;
  }

  deleteWhere(test: (key: string) => boolean): void {
    for (const key of this.keys()) if (test(key)) this.delete(key);
  }

  retain(keys: readonly WireKey[]): void {
    const kept = new Set(keys.map((key) => key.text));
    this.deleteWhere((key) => !kept.has(key));
  }

  changeStrings(change: (text: string, key: string) => string): void {
    for (const [key, value] of this.entries()) {
      if (typeof value !== 'string') continue;
      const changed = change(value, key);
      if (changed !== value) this.set(key, changed);
    }
  }

  private own(): Map<string, Value> {
    if (this.copy === null) {
      this.copy = new Map(this.map);
      this.map = this.copy;
    }
    return this.copy;
  }
}

function text(key: string | WireKey): string {
  return typeof key === 'string' ? key : key.text;
}
