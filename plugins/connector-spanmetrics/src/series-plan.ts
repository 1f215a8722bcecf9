import { ByteWriter } from '@millrace/otlp';
import { type Dimensions, findKey, globbedIn, type Source, utf8 } from './dimensions.ts';
import type { ResourceEntry } from './resource-groups.ts';
import type { SeriesKey } from './series-key.ts';
import type { SpanCursor } from './span-cursor.ts';

/** What all metrics have in common. */
export interface UsualDimensions {
  readonly exclude: ReadonlySet<string>;
  readonly instanceId: string;
  /** Whether to say if spans stand for others. */
  readonly samplingMethod: boolean;
}

/** An instrumentation scope whose name and version are dimensions. */
export interface IncludedScope {
  readonly name: string;
  readonly version: string;
  /** Both. */
  readonly bytes: Uint8Array;
}

/** Where the dimensions of a series come from. */
export interface SpanOrigin {
  readonly span: SpanCursor;
  /** The span's attributes. */
  readonly source: Source;
  readonly resource: ResourceEntry;
  readonly scope: IncludedScope | undefined;
  readonly isAdjusted: boolean;
  /** Attributes of the event that is counted. */
  readonly event: Source | undefined;
}

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (kind) => `SPAN_KIND_${kind}`,
);
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'].map((code) => `STATUS_CODE_${code}`);

const ABSENT = 0;
const PRESENT = 1;

/** How series of one metric are told apart, and what attributes they get. */
export class SeriesPlan {
  readonly #usual: UsualDimensions;
  readonly #dimensions: Dimensions;
  readonly #hasService: boolean;
  readonly #hasName: boolean;
  readonly #hasKind: boolean;
  readonly #hasStatus: boolean;

  constructor(usual: UsualDimensions, dimensions: Dimensions) {
    this.#usual = usual;
    this.#dimensions = dimensions;
    this.#hasService = !usual.exclude.has('service.name');
    this.#hasName = !usual.exclude.has('span.name');
    this.#hasKind = !usual.exclude.has('span.kind');
    this.#hasStatus = !usual.exclude.has('status.code');
  }

  /** Whether attributes have to be looked for. */
  get needsAttributes(): boolean {
    return this.#dimensions.size > 0;
  }

  writeKey(key: SeriesKey, origin: SpanOrigin): void {
    const { span, source, resource, scope } = origin;
    key.clear();
    key.byte(this.#hasKind ? span.kind : 0);
    key.byte(
      (this.#hasStatus ? span.statusCode & 0x7f : 0) | (this.#usual.samplingMethod && origin.isAdjusted ? 0x80 : 0),
    );
    if (this.#hasService) key.part(resource.serviceName);
    if (this.#hasName) key.part(source.bytes, span.nameStart, span.nameEnd);
    key.byte(scope === undefined ? ABSENT : PRESENT);
    if (scope !== undefined) key.part(scope.bytes);
    if (this.needsAttributes) this.#writeDimensions(key, origin);
  }

  #writeDimensions(key: SeriesKey, origin: SpanOrigin): void {
    for (const { key: name, byDefault } of this.#dimensions.named) {
      const source = sourceOf(origin, name);
      const value = source === undefined ? byDefault : found.bytes;
      key.byte(value === undefined ? ABSENT : PRESENT);
      if (source !== undefined) key.part(found.bytes, found.start, found.end);
      else if (byDefault !== undefined) key.part(byDefault);
    }
    if (!this.#dimensions.hasGlobs) return;
    for (const [name, value] of this.#globbed(origin)) {
      key.byte(PRESENT);
      key.part(Buffer.from(name));
      key.part(value);
    }
  }

  /** A message whose field 1 repeats the KeyValues. */
  attributes(origin: SpanOrigin): Uint8Array {
    const { span, source, resource, scope, isAdjusted } = origin;
    const { exclude, instanceId, samplingMethod } = this.#usual;
    const out = new AttributeWriter();
    if (this.#hasService) out.text('service.name', utf8(resource.serviceName, 0, resource.serviceName.length));
    if (this.#hasName) out.text('span.name', utf8(source.bytes, span.nameStart, span.nameEnd));
    if (this.#hasKind) out.text('span.kind', KINDS[span.kind] ?? '');
    if (this.#hasStatus) out.text('status.code', STATUS_CODES[span.statusCode] ?? '');
    if (!exclude.has('collector.instance.id')) out.text('collector.instance.id', instanceId);
    if (scope !== undefined) {
      out.text('span.instrumentation.scope.name', scope.name);
      if (scope.version !== '') out.text('span.instrumentation.scope.version', scope.version);
    }
    if (samplingMethod) out.text('sampling.method', isAdjusted ? 'extrapolated' : 'counted');
    for (const { key: name, byDefault } of this.#dimensions.named) {
      const value = sourceOf(origin, name) === undefined ? byDefault : found.bytes.subarray(found.start, found.end);
      if (value !== undefined) out.value(utf8(name, 0, name.length), value);
    }
    for (const [name, value] of this.#globbed(origin)) out.value(name, value);
    return out.take();
  }

  /** Attributes of the span, then those of the others that it does not have. */
  #globbed(origin: SpanOrigin): ReadonlyMap<string, Uint8Array> {
    const values = new Map<string, Uint8Array>();
    if (!this.#dimensions.hasGlobs) return values;
    for (const source of [origin.source, origin.event, origin.resource.source]) {
      if (source === undefined) continue;
      for (const [name, index] of globbedIn(source, this.#dimensions)) {
        const { places } = source.list;
        if (!values.has(name)) values.set(name, source.bytes.subarray(places[index * 4 + 2], places[index * 4 + 3]));
      }
    }
    return values;
  }
}

/** Where the last `sourceOf` found a value: one object for all, as this runs for each dimension of each span. */
const found: { bytes: Uint8Array; start: number; end: number } = { bytes: new Uint8Array(0), start: 0, end: 0 };

/** The most specific attributes that have this key; `found` is the value. */
function sourceOf({ source, event, resource }: SpanOrigin, key: Uint8Array): Source | undefined {
  return (
    foundIn(source, key) ?? (event === undefined ? undefined : foundIn(event, key)) ?? foundIn(resource.source, key)
  );
}

function foundIn(source: Source, key: Uint8Array): Source | undefined {
  const index = findKey(source, key);
  if (index < 0) return undefined;
  found.bytes = source.bytes;
  found.start = source.list.places[index * 4 + 2];
  found.end = source.list.places[index * 4 + 3];
  return source;
}

/** Collects KeyValues; the first one of a name counts. */
class AttributeWriter {
  readonly #out = new ByteWriter();
  readonly #names = new Set<string>();

  text(name: string, text: string): void {
    if (!this.#begins(name)) return;
    const mark = this.#out.openField(1);
    this.#out.stringField(1, name);
    const value = this.#out.openField(2);
    this.#out.stringField(1, text);
    this.#out.close(value);
    this.#out.close(mark);
  }

  /** `value` is the body of an AnyValue. */
  value(name: string, value: Uint8Array): void {
    if (!this.#begins(name)) return;
    const mark = this.#out.openField(1);
    this.#out.stringField(1, name);
    this.#out.bytesField(2, value);
    this.#out.close(mark);
  }

  take(): Uint8Array {
    return this.#out.take();
  }

  #begins(name: string): boolean {
    if (this.#names.has(name)) return false;
    this.#names.add(name);
    return true;
  }
}
