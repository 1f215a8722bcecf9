import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { key as wireKey } from '@millrace/otlp';
import type { Frame } from '../../compile/frame.ts';
import type { MapEditor } from '../../function/map-editor.ts';

export const deleteKey = defineFunction({
  name: 'delete_key',
  kind: 'editor',
  summary: 'Removes a key from a map.',
  params: { target: p.mapTarget, key: p.string },
  examples: [
    {
      code: 'delete_key(attributes, "http.request.header.authorization")',
      given: { attributes: { 'http.request.header.authorization': 'secret', a: 1n } },
      after: { attributes: { a: 1n } },
    },
    { code: 'delete_key(body, "a")', given: { body: new Map([['a', 1n]]) }, after: { body: new Map() } },
    { code: 'delete_key(body, "a")', given: { body: 'text' }, fails: 'expected pcommon.Map but got string' },
  ],
  make: ({ target, key }) => {
    const keyOf = derived(key, wireKey);
    const change = (map: MapEditor, frame: Frame): void => void map.delete(keyOf(frame));
    return (frame) => target.edit(frame, change);
  },
});
