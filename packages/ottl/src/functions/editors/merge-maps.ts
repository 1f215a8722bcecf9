import type { Frame } from '../../compile/frame.ts';
import { defineFunction } from '../../function/define-function.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';

const STRATEGIES = new Set(['insert', 'update', 'upsert']);

export const mergeMaps = defineFunction({
  name: 'merge_maps',
  kind: 'editor',
  summary:
    'Puts the entries of one map into another one: new keys (insert), keys that are there (update), or both (upsert).',
  params: { target: p.mapTarget, source: p.map, strategy: p.literalString },
  examples: [
    {
      code: 'merge_maps(attributes, ParseJSON(body), "upsert")',
      given: { attributes: { a: 1n }, body: '{"a":"new","b":true}' },
      after: { attributes: { a: 'new', b: true } },
    },
    {
      code: 'merge_maps(attributes, body, "insert")',
      given: {
        attributes: { a: 1n },
        body: new Map([
          ['a', 2n],
          ['b', 3n],
        ]),
      },
      after: { attributes: { a: 1n, b: 3n } },
    },
    {
      code: 'merge_maps(attributes, body, "update")',
      given: {
        attributes: { a: 1n },
        body: new Map([
          ['a', 2n],
          ['b', 3n],
        ]),
      },
      after: { attributes: { a: 2n } },
    },
    { code: 'merge_maps(attributes, attributes["missing"], "upsert")', fails: 'expected pcommon.Map but got nil' },
    { code: 'merge_maps(attributes, body, "replace")', invalid: 'insert, update or upsert' },
  ],
  make: ({ target, source, strategy }) => {
    if (!STRATEGIES.has(strategy))
      throw new Error(`strategy must be one of insert, update or upsert, not "${strategy}"`);
    const inserts = strategy !== 'update';
    const updates = strategy !== 'insert';
    const change = (map: MapEditor, frame: Frame): void => {
      for (const [key, value] of source(frame)) if (map.has(key) ? updates : inserts) map.set(key, value);
    };
    return (frame) => target.edit(frame, change);
  },
});
