import { defineFunction } from '../../function/define-function.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';
import { unitsWithin } from '../../value/utf8.ts';

export const truncateAll = defineFunction({
  name: 'truncate_all',
  kind: 'editor',
  summary: 'Cuts all string values of a map that take more bytes of UTF-8 than a limit.',
  details: '`truncationMarker` goes behind values that were cut, and counts against the limit.',
  deviation: 'Characters are never cut in the middle, with `utf8_safe` false neither: strings are always valid UTF-8.',
  params: {
    target: p.mapTarget,
    limit: p.literalInt,
    utf8Safe: p.optional(p.literalBool),
    truncationMarker: p.optional(p.literalString),
  },
  examples: [
    {
      code: 'truncate_all(attributes, 4)',
      given: { attributes: { a: 'abcdef', b: 'abcd', n: 123456n } },
      after: { attributes: { a: 'abcd', b: 'abcd', n: 123456n } },
    },
    { code: 'truncate_all(attributes, 4)', given: { attributes: { a: '一二' } }, after: { attributes: { a: '一' } } },
    {
      code: 'truncate_all(attributes, 8, truncation_marker = "(...)")',
      given: { attributes: { a: 'abcdefghi', b: 'abcdefgh' } },
      after: { attributes: { a: 'abc(...)', b: 'abcdefgh' } },
    },
    { code: 'truncate_all(body, 1)', given: { body: 'text' }, fails: 'expected pcommon.Map but got string' },
    { code: 'truncate_all(attributes, 3, true, "(...)")', invalid: 'truncation_marker' },
  ],
  make: ({ target, limit, truncationMarker = '' }) => {
    if (limit < 0n) throw new Error(`limit must not be negative, it is ${limit}`);
    const bytesMax = Number(limit);
    const keptMax = bytesMax - Buffer.byteLength(truncationMarker);
    if (keptMax < 0)
      throw new Error(`the truncation_marker "${truncationMarker}" is longer than the limit of ${limit}`);
    const truncate = (text: string): string =>
      unitsWithin(text, bytesMax) === text.length ? text : text.slice(0, unitsWithin(text, keptMax)) + truncationMarker;
    const change = (map: MapEditor): void => map.changeStrings(truncate, bytesMax);
    return (frame) => target.edit(frame, change);
  },
});
