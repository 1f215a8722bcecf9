import { defineFunction } from '../../function/define-function.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';
import { asString } from '../../value/text.ts';

export const stringifyAll = defineFunction({
  name: 'stringify_all',
  kind: 'editor',
  summary: 'Makes strings of all values of a map: of bytes base64, of maps and lists JSON, of nil an empty string.',
  params: { target: p.mapTarget },
  examples: [
    {
      code: 'stringify_all(attributes)',
      given: { attributes: { s: 'text', n: 42n, f: 3.14, b: true, bytes: Uint8Array.of(1, 2), list: [1n, 'x'] } },
      after: { attributes: { s: 'text', n: '42', f: '3.14', b: 'true', bytes: 'AQI=', list: '[1,"x"]' } },
    },
    { code: 'stringify_all(attributes)', given: { attributes: { nil: null } }, after: { attributes: { nil: '' } } },
    { code: 'stringify_all(body)', given: { body: 1n }, fails: 'expected pcommon.Map but got int64' },
  ],
  make: ({ target }) => {
    const change = (map: MapEditor): void => {
      for (const key of map.keys()) {
        const value = map.get(key);
        if (value !== undefined && typeof value !== 'string') map.set(key, asString(value));
      }
    };
    return (frame) => target.edit(frame, change);
  },
});
