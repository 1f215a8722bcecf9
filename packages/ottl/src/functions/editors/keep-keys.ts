import { key as wireKey } from '@millrace/otlp';
import type { Frame } from '../../compile/frame.ts';
import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';

export const keepKeys = defineFunction({
  name: 'keep_keys',
  kind: 'editor',
  summary: 'Removes from a map all keys that are not listed.',
  params: { target: p.mapTarget, keys: p.list(p.string) },
  examples: [
    {
      code: 'keep_keys(attributes, ["http.method", "http.route"])',
      given: { attributes: { 'http.method': 'GET', 'http.route': '/', 'user.id': 'u' } },
      after: { attributes: { 'http.method': 'GET', 'http.route': '/' } },
    },
    { code: 'keep_keys(attributes, [])', given: { attributes: { a: 'x' } }, after: { attributes: {} } },
    { code: 'keep_keys(attributes, "a")', invalid: 'this is no list' },
  ],
  make: ({ target, keys }) => {
    const keysOf = keys.map((key) => derived(key, wireKey));
    const known = keys.every((key) => key.constant !== undefined)
      ? keys.map((key) => wireKey(key.constant!))
      : undefined;
    const change = (map: MapEditor, frame: Frame): void => map.retain(known ?? keysOf.map((each) => each(frame)));
    return (frame) => target.edit(frame, change);
  },
});
