import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countItems } from './count.ts';
import { LogsBatch } from './logs-batch.ts';
import { MetricsBatch } from './metrics-batch.ts';
import { ProfilesBatch } from './profiles-batch.ts';
import { requests } from './testing/arbitraries.ts';
import {
  checkNode,
  DROPPED,
  editLists,
  editNode,
  pick,
  same,
  show,
  type Node,
  type Random,
} from './testing/edit-both.ts';
import {
  LOG_SPEC,
  METRIC_SPEC,
  POINT_SPECS,
  RESOURCE_SPEC,
  SCOPE_SPEC,
  SPAN_SPEC,
  type NodeSpec,
} from './testing/model-fields.ts';
import { decode, encode, type OracleSignal, type Plain } from './testing/oracle.ts';
import { randomFrom, rewire } from './testing/rewire.ts';
import { TracesBatch } from './traces-batch.ts';
import { WireError } from './wire.ts';

type Signal = Exclude<OracleSignal, 'profiles'>;
type Batch = LogsBatch | TracesBatch | MetricsBatch;
type View = Record<string, unknown> & { drop(): void };

const NAMES = {
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords', views: 'records', add: 'addRecord' },
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans', views: 'spans', add: 'addSpan' },
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics', views: 'metrics', add: '' },
} as const;
const ITEM_SPECS: Record<Signal, NodeSpec> = { logs: LOG_SPEC, traces: SPAN_SPEC, metrics: METRIC_SPEC };
const DATA = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;
const signals = ['logs', 'traces', 'metrics'] as const;

function batchOf(signal: Signal, chunks: Uint8Array[]): Batch {
  if (signal === 'logs') return LogsBatch.of(chunks);
  return signal === 'traces' ? TracesBatch.of(chunks) : MetricsBatch.of(chunks);
}

/** Random requests on the wire: padded varints, packed and unpacked, shuffled fields, unknown fields. */
function chunksOf(signal: Signal, splitSingular = false): fc.Arbitrary<Uint8Array[]> {
  const chunk = fc
    .tuple(requests[signal], fc.nat(), fc.constantFrom(0, 0.3))
    .map(([request, seed, chance]) =>
      rewire(signal, encode(signal, request), seed, { chance, unknownFields: true, splitSingular }),
    );
  return fc.array(chunk, { minLength: 1, maxLength: 2 });
}

const children = (node: Node, name: string): Node[] => (node[name] as Node[] | undefined) ?? [];

/** Takes dropped children out of a decoded object, and what loses its last child by that. */
function prune(node: Node, levels: readonly (readonly string[])[]): void {
  const [names, ...below] = levels;
  if (names === undefined) return;
  for (const name of names) {
    if (node[name] === undefined) continue;
    const list = Array.isArray(node[name]) ? (node[name] as Node[]) : [node[name] as Node];
    for (const child of list) if (child[DROPPED] !== true) prune(child, below);
    const kept = list.filter((child) => child[DROPPED] !== true);
    if (kept.length < list.length && kept.length === 0) node[DROPPED] = true;
    if (kept.length === 0) delete node[name];
    else if (Array.isArray(node[name])) node[name] = kept;
  }
}

function levelsOf(signal: Signal): (readonly string[])[] {
  const { resources, scopes, items } = NAMES[signal];
  return [[resources], [scopes], [items], ...(signal === 'metrics' ? [DATA, ['dataPoints']] : [])];
}

class Editor {
  private readonly signal: Signal;
  private readonly random: Random;
  /** The decoded requests, edited alongside. */
  readonly model: Node[];

  constructor(signal: Signal, model: Node[], random: Random) {
    this.signal = signal;
    this.model = model;
    this.random = random;
  }

  private maybe(chance: number): boolean {
    return this.random() < chance;
  }

  editItem(view: View, node: Node, spec: NodeSpec): void {
    checkNode(view, node, spec);
    while (this.maybe(0.4)) editNode(view, node, spec, this.random);
    editLists(view, node, spec, this.random);
    checkNode(view, node, spec);
    if (this.maybe(0.15)) {
      view.drop();
      node[DROPPED] = true;
    }
  }

  /** One loop over items, by the flat shortcut: also edits what is around the items. */
  flatPass(batch: Batch): void {
    const { resources, scopes, items, views } = NAMES[this.signal];
    const iterator = (batch as unknown as Record<string, Iterator<View>>)[views];
    for (const request of this.model)
      for (const resource of children(request, resources))
        for (const scope of children(resource, scopes))
          for (const item of children(scope, items)) {
            const view = iterator.next().value as View;
            if (this.signal === 'metrics') this.editMetric(view, item);
            else this.editItem(view, item, ITEM_SPECS[this.signal]);
            if (this.maybe(0.1)) editNode(view.resource as View, resource, RESOURCE_SPEC, this.random);
            if (this.maybe(0.1)) editNode(view.scope as View, scope, SCOPE_SPEC, this.random);
            if (this.maybe(0.02)) return this.finish();
          }
    same(iterator.next().done, true, 'done');
    this.finish();
  }

  private editMetric(view: View, node: Node): void {
    checkNode(view, node, METRIC_SPEC);
    const kind = DATA.find((name) => node[name] !== undefined);
    same(view.type, kind ?? 'empty', 'type');
    for (let pass = 0; pass < 2; pass++) {
      while (this.maybe(0.3)) editNode(view, node, METRIC_SPEC, this.random);
      if (kind !== undefined && node[kind] !== undefined) this.editData(view, node[kind] as Node, kind);
      // A second loop over the points sees the first one's edits; emptied data goes with its metric.
      prune(node, [DATA, ['dataPoints']]);
      if (node[DROPPED] === true || this.maybe(0.5)) break;
    }
    if (node[DROPPED] !== true) checkNode(view, node, METRIC_SPEC);
    if (this.maybe(0.1)) {
      view.drop();
      node[DROPPED] = true;
    }
  }

  private editData(view: View, data: Node, kind: string): void {
    const hasTemporality = kind === 'sum' || kind.endsWith('istogram');
    if (hasTemporality) same(view.aggregationTemporality, data.aggregationTemporality ?? 0, 'temporality');
    let visited = 0;
    const points = children(data, 'dataPoints');
    for (const point of view.dataPoints as Iterable<View>) {
      this.editItem(point, points[visited++], POINT_SPECS[kind === 'gauge' || kind === 'sum' ? 'number' : kind]);
      if (hasTemporality && this.maybe(0.1)) this.editTemporality(view, data);
      if (this.maybe(0.05)) break;
    }
    const isEmptied = points.length > 0 && points.every((point) => point[DROPPED] === true);
    if (hasTemporality && !isEmptied && this.maybe(0.2)) this.editTemporality(view, data);
  }

  private editTemporality(view: View, data: Node): void {
    const value = pick(this.random, [0, 1, 2]);
    view.aggregationTemporality = value;
    if (value === 0) delete data.aggregationTemporality;
    else data.aggregationTemporality = value;
  }

  /** Loops inside of loops, some of them left early or run twice. */
  nestedPass(batch: Batch): void {
    const { resources } = NAMES[this.signal];
    const iterator = (batch as unknown as Record<string, Iterator<View>>).resources;
    for (const request of this.model)
      for (const resource of children(request, resources)) {
        const view = iterator.next().value as View;
        checkNode(view, resource, RESOURCE_SPEC);
        if (this.maybe(0.3)) editNode(view, resource, RESOURCE_SPEC, this.random);
        this.scopesPass(view, resource);
        if (this.maybe(0.3)) this.scopesPass(view, resource);
        if (this.maybe(0.3)) editNode(view, resource, RESOURCE_SPEC, this.random);
        if (this.maybe(0.1)) {
          view.drop();
          resource[DROPPED] = true;
        }
        if (this.maybe(0.05)) return this.finish();
      }
    this.finish();
  }

  private scopesPass(resourceView: View, resource: Node): void {
    const { scopes } = NAMES[this.signal];
    prune(resource, levelsOf(this.signal).slice(1));
    // Whether it goes is decided when the resource closes.
    const wasEmptied = resource[DROPPED] === true;
    let visited = 0;
    for (const view of resourceView.scopes as Iterable<View>) {
      const scope = children(resource, scopes)[visited++];
      checkNode(view, scope, SCOPE_SPEC);
      if (this.maybe(0.3)) editNode(view, scope, SCOPE_SPEC, this.random);
      this.itemsPass(view, scope);
      if (this.maybe(0.2)) this.itemsPass(view, scope);
      if (this.maybe(0.3)) editNode(view, scope, SCOPE_SPEC, this.random);
      this.addItem(view, scope);
      if (this.maybe(0.1)) {
        view.drop();
        scope[DROPPED] = true;
      }
      if (this.maybe(0.1)) break;
    }
    if (wasEmptied) resource[DROPPED] = true;
  }

  private itemsPass(scopeView: View, scope: Node): void {
    const { items, views } = NAMES[this.signal];
    const parked: Node = { [items]: children(scope, items) };
    prune(parked, levelsOf(this.signal).slice(2));
    if (parked[items] === undefined) delete scope[items];
    else scope[items] = parked[items];
    if (parked[DROPPED] === true) scope[DROPPED] = true;
    let visited = 0;
    for (const view of scopeView[views] as Iterable<View>) {
      const item = children(scope, items)[visited++];
      if (this.signal === 'metrics') this.editMetric(view, item);
      else this.editItem(view, item, ITEM_SPECS[this.signal]);
      if (this.maybe(0.1)) break;
    }
  }

  private addItem(scopeView: View, scope: Node): void {
    const { items, add } = NAMES[this.signal];
    if (add === '' || !this.maybe(0.2)) return;
    const view = (scopeView[add] as () => View).call(scopeView);
    const item: Node = {};
    while (this.maybe(0.7)) editNode(view, item, ITEM_SPECS[this.signal], this.random);
    scope[items] = [...children(scope, items), item];
    // What had lost everything has something again.
    if (scope[DROPPED] === true) scope[DROPPED] = false;
  }

  private finish(): void {
    for (const request of this.model) prune(request, levelsOf(this.signal));
  }

  expected(): string {
    return show(
      this.model.map((request) => withoutEmpty(request)).filter((request) => Object.keys(request).length > 0),
    );
  }
}

/** Absent and empty submessages mean the same where a setter of a default may make either. */
function withoutEmpty(value: Plain): Plain {
  const out: Plain = {};
  for (const [name, each] of Object.entries(value)) {
    if (Array.isArray(each)) out[name] = each.map((element) => (isPlain(element) ? withoutEmpty(element) : element));
    else if (!isPlain(each)) out[name] = each;
    else {
      const inner = withoutEmpty(each);
      if (!EMPTY_IS_ABSENT.has(name) || Object.keys(inner).length > 0) out[name] = inner;
    }
  }
  return out;
}
const EMPTY_IS_ABSENT = new Set(['resource', 'scope', 'status', 'positive', 'negative', 'value']);
const isPlain = (value: unknown): value is Plain => typeof value === 'object' && !(value instanceof Uint8Array);

function decoded(signal: Signal, chunks: readonly Uint8Array[]): string {
  const requests = chunks.map((chunk) => withoutEmpty(decode(signal, chunk)));
  return show(requests.filter((request) => Object.keys(request).length > 0));
}

describe.each(signals)('%s', (signal) => {
  test('what is only read stays the same object, whatever was read', () => {
    fc.assert(
      fc.property(chunksOf(signal), (chunks) => {
        const batch = batchOf(signal, chunks);
        const reader = new Editor(
          signal,
          chunks.map((chunk) => decode(signal, chunk)),
          () => 0.999,
        );
        reader.flatPass(batch);
        reader.nestedPass(batch);
        expect(batch.chunks.every((chunk, i) => chunk === chunks.filter((each) => each.length > 0)[i])).toBe(true);
        expect(Buffer.compare(batch.toBytes(), Buffer.concat(chunks))).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('random edits at all levels mean the same as on decoded objects', () => {
    fc.assert(
      fc.property(chunksOf(signal), fc.nat(), fc.nat(2), (chunks, seed, passes) => {
        const before = chunks.map((chunk) => Uint8Array.from(chunk));
        const random = randomFrom(seed);
        const batch = batchOf(signal, chunks);
        const editor = new Editor(
          signal,
          chunks.map((chunk) => decode(signal, chunk)),
          random,
        );
        for (let pass = 0; pass <= passes; pass++) {
          if (random() < 0.5) editor.flatPass(batch);
          else editor.nestedPass(batch);
          // Sometimes the edits of one loop are committed by the next loop only.
          if (random() < 0.5) same(decoded(signal, batch.chunks), editor.expected(), 'the batch');
        }
        expect(decoded(signal, batch.chunks)).toBe(editor.expected());
        expect(chunks).toEqual(before);
      }),
      { numRuns: 400 },
    );
  });

  test('random damage is refused with a WireError or read as something, and never hangs or crashes', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(3)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(chunksOf(signal, true), damage, fc.nat(), (chunks, places, seed) => {
        const damaged = chunks.map((chunk) => {
          let bytes = Array.from(chunk);
          for (const [at, byte, how] of places) {
            const position = bytes.length === 0 ? 0 : at % bytes.length;
            if (how === 0) bytes[position] = byte;
            else if (how === 1) bytes.splice(position, 1);
            else if (how === 2) bytes.splice(position, 0, byte);
            else bytes = bytes.slice(0, position);
          }
          return Uint8Array.from(bytes);
        });
        const random = randomFrom(seed);
        expect(outcome(() => countItems(signal, damaged[0]))).toMatch(/^(done|refused)$/);
        expect(outcome(() => touchEverything(batchOf(signal, damaged), signal, random))).toMatch(/^(done|refused)$/);
        expect(outcome(() => batchOf(signal, damaged).split({ itemsMax: 2, bytesMax: 90 }))).toMatch(
          /^(done|refused)$/,
        );
      }),
      { numRuns: 600 },
    );
  });
});

function outcome(run: () => void): string {
  try {
    run();
    return 'done';
  } catch (error) {
    if (error instanceof WireError) return 'refused';
    throw error;
  }
}

function touchEverything(batch: Batch, signal: Signal, random: Random): void {
  const spec = ITEM_SPECS[signal];
  for (const item of (batch as unknown as Record<string, Iterable<View>>)[NAMES[signal].views]) {
    touch(item, spec, random);
    touch(item.resource as View, RESOURCE_SPEC, random);
    touch(item.scope as View, SCOPE_SPEC, random);
    if (signal === 'metrics') {
      const points = item.dataPoints as Iterable<View>;
      for (const point of points) touch(point, POINT_SPECS[point.type as string], random);
    }
    if (random() < 0.2) item.drop();
    (item as { clone?: () => unknown }).clone?.();
  }
  batch.toBytes();
  same(batch.itemCount >= 0, true, 'count');
}

function touch(view: View, spec: NodeSpec, random: Random): void {
  for (const [name] of spec.fields) name.split('.').reduce<unknown>((at, part) => (at as View)[part], view);
  const attributes = (view.attributes ?? view.metadata ?? view.filteredAttributes) as
    { toObject(): unknown } | undefined;
  attributes?.toObject();
  for (const [name, , element] of spec.lists ?? [])
    for (const each of view[name] as Iterable<View>) touch(each, element, random);
  while (random() < 0.5) editNode(view, {}, spec, random);
}

test('profiles pass through untouched, are counted, and are not joined', () => {
  fc.assert(
    fc.property(requests.profiles, (request) => {
      const bytes = encode('profiles', request);
      const batch = ProfilesBatch.of([bytes]);
      expect(batch.toBytes()).toBe(bytes);
      const samples = children(decode('profiles', bytes), 'resourceProfiles')
        .flatMap((each) => children(each, 'scopeProfiles'))
        .flatMap((each) => children(each, 'profiles'))
        .flatMap((each) => children(each, 'samples'));
      expect(batch.itemCount).toBe(samples.length);
      expect(() => ProfilesBatch.of([bytes, bytes]).toBytes()).toThrow(RangeError);
    }),
    { numRuns: 100 },
  );
});
