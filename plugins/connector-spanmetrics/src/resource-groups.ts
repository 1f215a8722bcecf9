import { WireReader } from '@millrace/otlp';
import { LRUCache } from 'lru-cache';
import { AttributeList } from './attribute-list.ts';
import { findKey, latin1, readAttributes, type Source, utf8 } from './dimensions.ts';
import { SeriesTable, type TableSettings } from './series-table.ts';

/** Metrics of one resource. */
export class ResourceGroup {
  readonly key: string;
  /** Body of the Resource: of the first that came. */
  readonly resource: Uint8Array;
  readonly calls: SeriesTable;
  /** Undefined where calls have the same dimensions and hold the durations too, or where there are none. */
  readonly durations: SeriesTable | undefined;
  readonly events: SeriesTable | undefined;
  lastSeenMs = 0;

  constructor(key: string, resource: Uint8Array, tables: GroupTables) {
    this.key = key;
    this.resource = resource;
    this.calls = new SeriesTable(tables.calls);
    this.durations = tables.durations === undefined ? undefined : new SeriesTable(tables.durations);
    this.events = tables.events === undefined ? undefined : new SeriesTable(tables.events);
  }

  get tables(): readonly SeriesTable[] {
    return [this.calls, this.durations, this.events].filter((table) => table !== undefined);
  }

  get size(): number {
    return this.tables.reduce((sum, { size }) => sum + size, 0);
  }
}

export interface GroupTables {
  readonly calls: TableSettings;
  readonly durations: TableSettings | undefined;
  readonly events: TableSettings | undefined;
}

/** A Resource as it came, with what spans ask about it. */
export interface ResourceEntry {
  readonly source: Source;
  /** UTF-8; empty where service.name is no string. */
  readonly serviceName: Uint8Array;
  readonly groupKey: string;
}

export interface GroupSettings {
  readonly tables: GroupTables;
  /** Resources that are held. */
  readonly max: number;
  /** Attributes that tell resources apart; all, when empty. */
  readonly keyAttributes: ReadonlySet<string>;
}

/** The metrics of all resources. */
export class ResourceGroups {
  readonly #settings: GroupSettings;
  readonly #groups: LRUCache<string, ResourceGroup>;
  /** By the bytes of the Resource, as nearly all come again and again. */
  readonly #entries: LRUCache<string, ResourceEntry>;
  /** Groups that made room for others, until their metrics have been passed on. */
  readonly #evicted = new Map<string, ResourceGroup>();
  #lost = 0;

  constructor(settings: GroupSettings) {
    this.#settings = settings;
    this.#entries = new LRUCache({ max: settings.max });
    this.#groups = new LRUCache({
      max: settings.max,
      dispose: (group, key, reason) => {
        if (reason === 'evict') this.#keepEvicted(key, group);
      },
    });
  }

  /** Undefined for a resource without a service.name: its spans do not count, as in the Collector. */
  entryOf(bytes: Uint8Array, start: number, end: number): ResourceEntry | undefined {
    const raw = latin1(bytes, start, end);
    const known = this.#entries.get(raw);
    if (known !== undefined) return known;
    const entry = this.#read(bytes.slice(start, end));
    if (entry !== undefined) this.#entries.set(raw, entry);
    return entry;
  }

  groupOf({ groupKey, source }: ResourceEntry): ResourceGroup {
    const known = this.#groups.get(groupKey);
    if (known !== undefined) return known;
    const group = this.#evicted.get(groupKey) ?? new ResourceGroup(groupKey, source.bytes, this.#settings.tables);
    this.#evicted.delete(groupKey);
    this.#groups.set(groupKey, group);
    return group;
  }

  /** All groups whose metrics are to be passed on, those that were not seen for longest first. */
  all(): readonly ResourceGroup[] {
    return [...this.#evicted.values(), ...[...this.#groups.values()].toReversed()];
  }

  /** Whether the group is only there to be passed on once more. */
  isEvicted({ key }: ResourceGroup): boolean {
    return this.#evicted.has(key);
  }

  remove(group: ResourceGroup): void {
    for (const table of group.tables) table.clear();
    this.#evicted.delete(group.key);
    this.#groups.delete(group.key);
  }

  /** Resources that were forgotten unsent since the last call. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  #keepEvicted(key: string, group: ResourceGroup): void {
    this.#evicted.set(key, group);
    if (this.#evicted.size <= this.#settings.max) return;
    const [oldest] = this.#evicted.values();
    this.remove(oldest);
    this.#lost++;
  }

  #read(bytes: Uint8Array): ResourceEntry | undefined {
    const list = new AttributeList();
    readAttributes(new WireReader(bytes), bytes.length, { tag: ATTRIBUTE, into: list });
    const source = { bytes, list };
    const service = findKey(source, SERVICE_NAME);
    if (service < 0) return undefined;
    return { source, serviceName: textOf(source, service), groupKey: this.#keyOf(source) };
  }

  /** The attributes that count, in the order of their keys. */
  #keyOf({ bytes, list: { places, count } }: Source): string {
    const { keyAttributes } = this.#settings;
    const parts: string[] = [];
    for (let at = 0; at < count * 4; at += 4) {
      const key = utf8(bytes, places[at], places[at + 1]);
      if (keyAttributes.size > 0 && !keyAttributes.has(key)) continue;
      const value = latin1(bytes, places[at + 2], places[at + 3]);
      parts.push(`${key.length}:${key}${value.length}:${value}`);
    }
    return parts.toSorted().join('');
  }
}

const ATTRIBUTE = (1 << 3) | 2;
const STRING_VALUE = (1 << 3) | 2;
const SERVICE_NAME = Buffer.from('service.name');

/** UTF-8 of a string value. */
function textOf({ bytes, list: { places } }: Source, index: number): Uint8Array {
  const reader = new WireReader(bytes, places[index * 4 + 2], places[index * 4 + 3]);
  let text: Uint8Array = new Uint8Array(0);
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === STRING_VALUE) text = reader.range();
    else reader.skip(tag);
  }
  return text;
}
