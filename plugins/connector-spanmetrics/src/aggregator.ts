import { WireReader } from '@millrace/otlp';
import { AttributeList } from './attribute-list.ts';
import { readAttributes, utf8 } from './dimensions.ts';
import type { ResourceEntry, ResourceGroup, ResourceGroups } from './resource-groups.ts';
import type { SamplingWeight } from './sampling-weight.ts';
import { SeriesKey } from './series-key.ts';
import type { IncludedScope, SeriesPlan, SpanOrigin } from './series-plan.ts';
import type { Series, SeriesTable } from './series-table.ts';
import { SpanCursor } from './span-cursor.ts';

export interface AggregatorSettings {
  readonly groups: ResourceGroups;
  readonly calls: SeriesPlan;
  /** Undefined where durations have the dimensions of calls, or are not recorded. */
  readonly durations: SeriesPlan | undefined;
  readonly events: SeriesPlan | undefined;
  /** Names of scopes that become dimensions. */
  readonly includedScopes: ReadonlySet<string>;
  /** Nanoseconds in a unit of the histograms. */
  readonly unitNano: number;
  /** Most exemplars of a series between two flushes; 0: none. */
  readonly exemplarsMax: number;
  readonly weight: SamplingWeight;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Adds spans to the series that they belong to, from the wire; see benchmarks/micro/spanmetrics.ts. */
export class Aggregator {
  readonly #settings: AggregatorSettings;
  readonly #span: SpanCursor;
  readonly #key = new SeriesKey();
  readonly #eventAttributes = new AttributeList();
  #nowMs = 0;
  #nowNano = 0n;
  #spans = 0;

  constructor(settings: AggregatorSettings) {
    this.#settings = settings;
    const plans = [settings.calls, settings.durations, settings.events];
    this.#span = new SpanCursor({
      attributes: plans.some((plan) => plan?.needsAttributes === true),
      events: settings.events !== undefined,
    });
  }

  /** Adds the spans of a valid export request; returns how many counted. */
  add(request: Uint8Array, nowMs: number): number {
    this.#nowMs = nowMs;
    this.#nowNano = BigInt(Math.round(nowMs)) * 1_000_000n;
    this.#spans = 0;
    const reader = new WireReader(request);
    while (!reader.done) {
      const tag = reader.tag();
      if (tag !== RESOURCE_SPANS) {
        reader.skip(tag);
        continue;
      }
      const end = reader.lengthEnd();
      this.#addResource(reader, end);
      reader.pos = end;
    }
    return this.#spans;
  }

  /** Fields may come in any order, so that the header is read first. */
  #addResource(reader: WireReader, end: number): void {
    const start = reader.pos;
    const [from, to] = lastField(reader, end, RESOURCE);
    const entry = this.#settings.groups.entryOf(reader.bytes, from, to);
    if (entry === undefined) return;
    const group = this.#settings.groups.groupOf(entry);
    group.lastSeenMs = this.#nowMs;
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag !== SCOPE_SPANS) {
        reader.skip(tag);
        continue;
      }
      const scopeEnd = reader.lengthEnd();
      this.#addScope(reader, scopeEnd, { entry, group });
      reader.pos = scopeEnd;
    }
  }

  #addScope(reader: WireReader, end: number, of: { entry: ResourceEntry; group: ResourceGroup }): void {
    const start = reader.pos;
    const scope = this.#settings.includedScopes.size === 0 ? undefined : this.#scopeIn(reader, end);
    reader.pos = start;
    const origin: Writable<SpanOrigin> = {
      span: this.#span,
      source: { bytes: reader.bytes, list: this.#span.attributes },
      resource: of.entry,
      scope,
      isAdjusted: false,
      event: undefined,
    };
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag !== SPAN) {
        reader.skip(tag);
        continue;
      }
      const spanEnd = reader.lengthEnd();
      this.#span.read(reader, spanEnd);
      this.#addSpan(origin, of.group);
      reader.pos = spanEnd;
    }
  }

  #scopeIn(reader: WireReader, end: number): IncludedScope | undefined {
    const [from, to] = lastField(reader, end, SCOPE);
    const scope = new WireReader(reader.bytes, from, to);
    let name = '';
    let version = '';
    while (!scope.done) {
      const tag = scope.tag();
      if (tag === SCOPE_NAME) name = scope.string();
      else if (tag === SCOPE_VERSION) version = scope.string();
      else scope.skip(tag);
    }
    if (name === '' || !this.#settings.includedScopes.has(name)) return undefined;
    return { name, version, bytes: Buffer.from(`${name}\0${version}`) };
  }

  #addSpan(origin: Writable<SpanOrigin>, group: ResourceGroup): void {
    const { calls, durations, events, unitNano } = this.#settings;
    const span = this.#span;
    const { bytes } = origin.source;
    this.#spans++;
    const times = this.#weightOf(origin);
    const value = span.durationNano / unitNano;
    const series = this.#seriesOf(group.calls, calls, origin);
    series.count += times;
    series.histogram?.observe(value, times);
    this.#exemplify(group.calls, series, { bytes, value });
    if (durations !== undefined && group.durations !== undefined) {
      const other = this.#seriesOf(group.durations, durations, origin);
      other.histogram?.observe(value, times);
      this.#exemplify(group.durations, other, { bytes, value });
    }
    if (events !== undefined && group.events !== undefined && span.eventCount > 0) {
      this.#addEvents(origin, { plan: events, table: group.events, times, value });
    }
  }

  #weightOf(origin: Writable<SpanOrigin>): number {
    const { stateStart, stateEnd } = this.#span;
    if (stateStart === stateEnd) {
      origin.isAdjusted = false;
      return 1;
    }
    const { weight } = this.#settings;
    const times = weight.of(utf8(origin.source.bytes, stateStart, stateEnd));
    origin.isAdjusted = weight.isAdjusted;
    return times;
  }

  #addEvents(
    origin: Writable<SpanOrigin>,
    to: { plan: SeriesPlan; table: SeriesTable; times: number; value: number },
  ): void {
    const { events, eventCount } = this.#span;
    const { bytes } = origin.source;
    const list = this.#eventAttributes;
    origin.event = { bytes, list };
    for (let at = 0; at < eventCount * 2; at += 2) {
      readAttributes(new WireReader(bytes, events[at], events[at + 1]), events[at + 1], {
        tag: EVENT_ATTRIBUTE,
        into: list,
      });
      const series = this.#seriesOf(to.table, to.plan, origin);
      series.count += to.times;
      this.#exemplify(to.table, series, { bytes, value: to.value });
    }
    origin.event = undefined;
  }

  #seriesOf(table: SeriesTable, plan: SeriesPlan, origin: SpanOrigin): Series {
    const key = this.#key;
    plan.writeKey(key, origin);
    const hash = key.hash();
    const series =
      table.find(key, hash) ??
      table.add(key, hash, { attributes: () => plan.attributes(origin), startNano: this.#nowNano });
    series.lastSeenMs = this.#nowMs;
    return series;
  }

  #exemplify(table: SeriesTable, series: Series, { bytes, value }: { bytes: Uint8Array; value: number }): void {
    if (series.exemplars.length >= this.#settings.exemplarsMax || table.isOverflow(series)) return;
    const { traceIdStart, traceIdEnd, spanIdStart, spanIdEnd } = this.#span;
    const traceId = bytes.slice(traceIdStart, traceIdEnd);
    if (traceId.every((byte) => byte === 0)) return;
    series.exemplars.push({ traceId, spanId: bytes.slice(spanIdStart, spanIdEnd), value });
  }
}

const RESOURCE_SPANS = (1 << 3) | 2;
const RESOURCE = (1 << 3) | 2;
const SCOPE_SPANS = (2 << 3) | 2;
const SCOPE = (1 << 3) | 2;
const SCOPE_NAME = (1 << 3) | 2;
const SCOPE_VERSION = (2 << 3) | 2;
const SPAN = (2 << 3) | 2;
const EVENT_ATTRIBUTE = (3 << 3) | 2;

/** Start and end of the last field with this tag in `[reader.pos, end)`; an empty range without one. */
function lastField(reader: WireReader, end: number, wanted: number): readonly [number, number] {
  let from = reader.pos;
  let to = reader.pos;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === wanted) {
      to = reader.lengthEnd();
      from = reader.pos;
      reader.pos = to;
    } else reader.skip(tag);
  }
  return [from, to];
}
