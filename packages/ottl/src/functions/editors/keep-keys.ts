import { key as wireKey } from '@millrace/otlp';
import type { Frame } from '../../compile/frame.ts';
import { defineFunction } from '../../function/define-function.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';

export const keepKeys = defineFunction({
  name: 'keep_keys',
  kind: 'editor',
  summary: 'Removes from a map all keys that are not listed.',
  params: { target: p.mapTarget, keys: p.strings },
  examples: [
    {
      code: 'keep_keys(attributes, ["http.method", "http.route"])',
      given: { attributes: { 'http.method': 'GET', 'http.route': '/', 'user.id': 'u' } },
      after: { attributes: { 'http.method': 'GET', 'http.route': '/' } },
    },
    { code: 'keep_keys(attributes, [])', given: { attributes: { a: 'x' } }, after: { attributes: {} } },
    {
      code: 'keep_keys(attributes, Split(body, ","))',
      given: { attributes: { a: 1n, b: 2n, c: 3n }, body: 'a,c' },
      after: { attributes: { a: 1n, c: 3n } },
    },
    { code: 'keep_keys(attributes, body)', given: { body: 'a' }, fails: 'expected pcommon.Slice but got string' },
  ],
  make: ({ target, keys }) => {
    const known = keys.constant?.map(wireKey);
    const change = (map: MapEditor, frame: Frame): void => map.retain(known ?? keys(frame).map(wireKey));
    return (frame) => target.edit(frame, change);
  },
});
