import {
  int,
  type LogsBatch,
  LogsBuilder,
  type LogRecordView,
  type LogsScopeView,
  type NewLogsScope,
} from '@millrace/otlp';
import type { FieldPath } from './field-path.ts';
import { attributesText, recordIdentity } from './record-identity.ts';
import type { ZonedTime } from './zoned-time.ts';

/** What a record takes beside its own bytes, about. */
const ENTRY_BYTES = 250;

type NewResource = ReturnType<LogsBuilder['addResource']>;

/** One record that stands for all that are equal to it. */
interface Entry {
  count: number;
  readonly firstMs: number;
  lastMs: number;
}

interface Scope {
  readonly scope: NewLogsScope;
  readonly entries: Map<string, Entry>;
}

interface Resource {
  readonly resource: NewResource;
  readonly scopes: Map<string, Scope>;
}

export interface Emission {
  readonly countAttribute: string;
  readonly time: ZonedTime;
  readonly nowMs: number;
  /** Told for each record how many it stands for. */
  readonly onCount: (count: number) => void;
}

/** Records that were gathered, the first of each kind as bytes, with how many there were. */
export class Aggregation {
  readonly #builder = new LogsBuilder();
  readonly #resources = new Map<string, Resource>();
  /** Records that were added. */
  records = 0;
  /** About what they take. */
  bytes = 0;

  /** Where the records of a scope go. */
  scopeFor(scope: LogsScopeView): Scope {
    const { resource, name, version, attributes } = scope;
    const inResource = this.#resourceFor(attributesText(resource.attributes), scope);
    const key = JSON.stringify([name, version, attributesText(attributes)]);
    const known = inResource.scopes.get(key);
    if (known !== undefined) return known;
    const made: Scope = { scope: inResource.resource.addScope(scope), entries: new Map() };
    inResource.scopes.set(key, made);
    this.bytes += ENTRY_BYTES + key.length;
    return made;
  }

  #resourceFor(key: string, { resource }: LogsScopeView): Resource {
    const known = this.#resources.get(key);
    if (known !== undefined) return known;
    const made: Resource = { resource: this.#builder.addResource(resource), scopes: new Map() };
    this.#resources.set(key, made);
    this.bytes += ENTRY_BYTES + 2 * key.length;
    return made;
  }

  /** Counts a record of the scope; one that is new is copied. */
  add(record: LogRecordView, { scope, entries }: Scope, fields: readonly FieldPath[], nowMs: number): void {
    const key = recordIdentity(record, fields);
    const known = entries.get(key);
    this.records++;
    if (known !== undefined) {
      known.count++;
      known.lastMs = nowMs;
      return;
    }
    entries.set(key, { count: 1, firstMs: nowMs, lastMs: nowMs });
    scope.copyRecord(record);
    this.bytes += ENTRY_BYTES + record.toBytes().length;
  }

  /** One record of each kind, which says how many there were and when; of this aggregation, no more can be made. */
  build({ countAttribute, time, nowMs, onCount }: Emission): LogsBatch {
    const batch = this.#builder.build();
    // The builder wrote them in the order in which they were added.
    const entries = [...this.#resources.values()]
      .flatMap(({ scopes }) => [...scopes.values()])
      .flatMap((scope) => [...scope.entries.values()]);
    let next = 0;
    for (const record of batch.records) {
      const { count, firstMs, lastMs } = entries[next++];
      record.timeUnixNano = nanoOf(nowMs);
      record.observedTimeUnixNano = nanoOf(firstMs);
      record.attributes.set(countAttribute, int(count));
      record.attributes.set('first_observed_timestamp', time.textOf(firstMs));
      record.attributes.set('last_observed_timestamp', time.textOf(lastMs));
      onCount(count);
    }
    return batch;
  }
}

function nanoOf(unixMs: number): bigint {
  return BigInt(Math.floor(unixMs)) * 1_000_000n;
}
