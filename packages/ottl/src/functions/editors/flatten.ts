import { defineFunction } from '../../function/define-function.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { isList, isMap, type Value, type ValueMap } from '../../value/value.ts';

/** Deepest nesting that is followed: far more than telemetry can carry, and far less than the stack holds. */
const NESTING_MAX = 1000;

export const flatten = defineFunction({
  name: 'flatten',
  kind: 'editor',
  summary:
    'Moves the entries of nested maps, and the elements of lists, to the top of a map, under keys joined by dots.',
  details:
    'Maps and lists are flattened up to `depth`; elements of lists have their index as key. `prefix` goes before all ' +
    'keys. With `resolveConflicts`, values of one key get the suffixes `.0`, `.1`, ... from the second one on, and so do ' +
    'the elements of lists. Without it, the last one stays.',
  deviation: 'The keys of lists in lists have a dot between the indexes: `a.0.1`, where the Collector writes `a.01`.',
  params: {
    target: p.mapTarget,
    prefix: p.optional(p.literalString),
    depth: p.optional(p.literalInt),
    resolveConflicts: p.optional(p.literalBool),
  },
  examples: [
    {
      code: 'flatten(body)',
      given: {
        body: new Map<string, Value>([
          ['name', 'test'],
          ['address', new Map([['street', 'first']])],
          ['occupants', ['user 1', 'user 2']],
        ]),
      },
      after: {
        body: new Map([
          ['name', 'test'],
          ['address.street', 'first'],
          ['occupants.0', 'user 1'],
          ['occupants.1', 'user 2'],
        ]),
      },
    },
    {
      code: 'flatten(attributes, "app", 1)',
      given: { attributes: { a: new Map([['b', new Map([['c', 1n]])]]) } },
      after: { attributes: { 'app.a.b': new Map([['c', 1n]]) } },
    },
    {
      title: 'conflicts',
      code: 'flatten(attributes, resolveConflicts=true)',
      given: { attributes: { a: new Map([['b', 1n]]), 'a.b': 2n, list: ['x', 'y'] } },
      after: { attributes: { 'a.b': 1n, 'a.b.0': 2n, list: 'x', 'list.0': 'y' } },
    },
    { code: 'flatten(body)', given: { body: 'text' }, fails: 'expected pcommon.Map but got string' },
    { code: 'flatten(attributes, "", 0)', invalid: 'depth must be positive, it is 0' },
  ],
  make: ({ target, prefix = '', depth, resolveConflicts = false }) => {
    if (depth !== undefined && depth < 1n) throw new Error(`depth must be positive, it is ${depth}`);
    const depthMax = depth === undefined ? Infinity : Number(depth);
    const start = prefix === '' ? '' : `${prefix}.`;
    const change = (map: MapEditor): void => {
      const entries = map.entries();
      if (start === '' && isFlat(entries)) return;
      const out = new Flattened(depthMax, resolveConflicts);
      out.addAll(entries, start, 0);
      map.replace(out.entries);
    };
    return (frame) => target.edit(frame, change);
  },
});

function isFlat(entries: ValueMap): boolean {
  for (const value of entries.values()) if (isMap(value) || isList(value)) return false;
  return true;
}

function indexed(list: readonly Value[]): ValueMap {
  return new Map(list.map((element, i) => [String(i), element]));
}

class Flattened {
  readonly entries = new Map<string, Value>();
  private readonly depthMax: number;
  private readonly resolves: boolean;
  private readonly counts = new Map<string, number>();

  constructor(depthMax: number, resolves: boolean) {
    this.depthMax = depthMax;
    this.resolves = resolves;
  }

  addAll(map: ValueMap, prefix: string, depth: number): void {
    if (depth > NESTING_MAX) throw new OttlRuntimeError(`cannot flatten what is nested deeper than ${NESTING_MAX}`);
    for (const [name, value] of map) {
      const key = prefix + name;
      if (isMap(value) && depth < this.depthMax) this.addAll(value, `${key}.`, depth + 1);
      else if (isList(value) && depth < this.depthMax) this.addElements(value, key, depth);
      else this.add(key, value);
    }
  }

  private addElements(list: readonly Value[], key: string, depth: number): void {
    const goesOn = depth + 1 < this.depthMax;
    for (const [i, element] of list.entries()) {
      if (isMap(element) && goesOn) this.addAll(element, `${key}.${i}.`, depth + 2);
      else if (isList(element) && goesOn) this.addAll(indexed(element), `${key}.${i}.`, depth + 3);
      else this.add(this.resolves ? key : `${key}.${i}`, element);
    }
  }

  private add(key: string, value: Value): void {
    if (!this.resolves) {
      this.entries.set(key, value);
      return;
    }
    const count = this.counts.get(key);
    this.counts.set(key, count === undefined ? 0 : count + 1);
    this.entries.set(count === undefined ? key : `${key}.${count}`, value);
  }
}
