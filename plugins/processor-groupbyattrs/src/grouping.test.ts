import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grouped, json, requestOf, type GroupedSignal, type PlainItem, type PlainResource } from './testing/plain.ts';

const SIGNALS = ['logs', 'traces', 'metrics'] as const;

const point = (id: number, metric: string, host: string | undefined, sum = false): PlainItem => ({
  id,
  metric,
  sum,
  attributes: host === undefined ? { id: 'eth0' } : { 'host.name': host, id: 'eth0' },
});

test('data points are grouped as documented', () => {
  const before: PlainResource[] = [
    {
      attributes: { 'host.name': 'localhost', source: 'prom' },
      scopes: [
        {
          name: 's',
          items: [
            point(1, 'gauge-1', 'host-A'),
            point(2, 'gauge-1', 'host-A'),
            point(3, 'gauge-1', 'host-B'),
            point(4, 'mixed-type', 'host-A'),
            point(5, 'gauge-1', 'host-A'),
            point(6, 'gauge-1', 'host-B'),
            point(7, 'mixed-type', 'host-B', true),
            point(8, 'dont-move', undefined),
          ],
        },
      ],
    },
  ];
  const plain = (id: number, metric: string, sum = false) => point(id, metric, undefined, sum);
  const host = (name: string, items: PlainItem[]): PlainResource => ({
    attributes: { 'host.name': name, source: 'prom' },
    scopes: [{ name: 's', items }],
  });
  const { batch, counts } = grouped('metrics', ['host.name'], [requestOf('metrics', before)]);
  const after = requestOf('metrics', [
    host('host-A', [plain(1, 'gauge-1'), plain(2, 'gauge-1'), plain(5, 'gauge-1'), plain(4, 'mixed-type')]),
    host('host-B', [plain(3, 'gauge-1'), plain(6, 'gauge-1'), plain(7, 'mixed-type', true)]),
    host('localhost', [plain(8, 'dont-move')]),
  ]);
  expect(json('metrics', batch.toBytes())).toEqual(json('metrics', after));
  expect(counts).toEqual({
    processor_groupbyattrs_num_grouped_metrics: 7,
    processor_groupbyattrs_num_non_grouped_metrics: 1,
  });
});

describe.each(SIGNALS)('%s', (signal) => {
  const item = (id: number): PlainItem => ({ id, metric: 'm', attributes: { a: 'x' } });
  const resource = (host: string, scopes: Record<string, number[]>): PlainResource => ({
    attributes: { host },
    scopes: Object.entries(scopes).map(([name, ids]) => ({ name, items: ids.map((id) => item(id)) })),
  });

  test('resources and scopes of several requests are merged without keys', () => {
    const { batch } = grouped(
      signal,
      [],
      [
        requestOf(signal, [resource('local', { My: [1], Other: [2] }), resource('local', { My: [3] })]),
        requestOf(signal, [resource('local', { My: [4] }), resource('other', { My: [5] })]),
      ],
    );
    const after = [resource('local', { My: [1, 3, 4], Other: [2] }), resource('other', { My: [5] })];
    expect(batch.chunks).toHaveLength(1);
    expect(json(signal, batch.toBytes())).toEqual(json(signal, requestOf(signal, after)));
  });

  test('what is grouped already keeps its bytes', () => {
    const request = requestOf(signal, [resource('local', { My: [1, 2], Other: [3] }), resource('other', { My: [4] })]);
    const { batch } = grouped(signal, ['b'], [request]);
    expect(batch.chunks[0]).toBe(request);
  });

  test('the same attributes in another order, and the same values of another type', () => {
    const one: PlainResource = { attributes: { a: 'x', b: 1 }, scopes: [{ name: 's', items: [item(1)] }] };
    const two: PlainResource = { attributes: { b: 1, a: 'x' }, scopes: [{ name: 's', items: [item(2)] }] };
    const three: PlainResource = { attributes: { b: '1', a: 'x' }, scopes: [{ name: 's', items: [item(3)] }] };
    const { batch } = grouped(signal, [], [requestOf(signal, [one, two, three])]);
    const after = [{ ...one, scopes: [{ name: 's', items: [item(1), item(2)] }] }, three];
    expect(json(signal, batch.toBytes())).toEqual(json(signal, requestOf(signal, after)));
  });
});

const attributes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y', 1), {
  maxKeys: 3,
  noNullPrototype: true,
});
const items = fc.array(
  fc.record({ attributes, metric: fc.constantFrom('m', 'n'), sum: fc.boolean(), id: fc.constant(0) }),
  { minLength: 1, maxLength: 4 },
);
const scopes = fc.uniqueArray(fc.record({ name: fc.constantFrom('s', 't'), items }), {
  minLength: 1,
  maxLength: 2,
  selector: ({ name }) => name,
});
const resources = fc.array(fc.record({ attributes, scopes }), { minLength: 1, maxLength: 3 });
const requests = fc.array(resources, { minLength: 1, maxLength: 3 });
const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'd'), { maxLength: 2 });

/** The same on plain objects: every item goes to the first resource, scope (and metric) that fits. */
function naive(signal: GroupedSignal, names: readonly string[], all: readonly PlainResource[]): PlainResource[] {
  const out: { attributes: Record<string, string | number>; scopes: { name: string; items: PlainItem[] }[] }[] = [];
  const sorted = (each: object) => JSON.stringify(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const same = (a: object, b: object) => sorted(a) === sorted(b);
  for (const resource of all) {
    for (const scope of resource.scopes) {
      for (const item of scope.items) {
        const taken = Object.fromEntries(Object.entries(item.attributes).filter(([name]) => names.includes(name)));
        const rest = Object.fromEntries(Object.entries(item.attributes).filter(([name]) => !names.includes(name)));
        const wanted = { ...resource.attributes };
        for (const name of names) if (name in taken) wanted[name] = taken[name];
        let target = out.find((each) => same(each.attributes, wanted));
        if (target === undefined) out.push((target = { attributes: wanted, scopes: [] }));
        let into = target.scopes.find(({ name }) => name === scope.name);
        if (into === undefined) target.scopes.push((into = { name: scope.name, items: [] }));
        const moved = { ...item, attributes: rest };
        const isSame = (each: PlainItem) => each.metric === item.metric && each.sum === item.sum;
        const place = signal === 'metrics' ? into.items.findLastIndex(isSame) + 1 : 0;
        if (place === 0) into.items.push(moved);
        else into.items.splice(place, 0, moved);
      }
    }
  }
  return out;
}

test.each(SIGNALS)('%s are grouped as decoded objects are', (signal) => {
  const property = fc.property(requests, keys, (generated, names) => {
    let id = 0;
    const numbered = generated.map((request) =>
      request.map((resource) => ({
        ...resource,
        scopes: resource.scopes.map((scope) => ({
          ...scope,
          items: scope.items.map((item) => ({ ...item, id: ++id })),
        })),
      })),
    );
    const { batch } = grouped(
      signal,
      names,
      numbered.map((request) => requestOf(signal, request)),
    );
    const expected = requestOf(signal, naive(signal, names, numbered.flat()));
    expect(json(signal, batch.toBytes())).toEqual(json(signal, expected));
    expect(batch.itemCount).toBe(id);
  });
  fc.assert(property, { numRuns: 300 });
});
