import { compilePattern } from '@millrace/pattern';
import type { Frame } from '../../compile/frame.ts';
import { defineFunction } from '../../function/define-function.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';
import { globToPattern } from './glob.ts';
import { compileWholeReplacement } from './whole-replacement.ts';

export const replaceAllMatches = defineFunction({
  name: 'replace_all_matches',
  kind: 'editor',
  summary: 'Replaces each string value of a map that matches a glob as a whole.',
  details: '`*` stands for any text, slashes too; `?`, `[a-z]`, `[!a-z]` and `{a,b}` have their usual meaning.',
  params: {
    target: p.mapTarget,
    pattern: p.literalString,
    replacement: p.string,
    function: p.optional(p.converter),
    replacementFormat: p.optional(p.string),
  },
  examples: [
    {
      code: 'replace_all_matches(attributes, "/user/*/list/*", "/user/{userId}/list/{listId}")',
      given: { attributes: { a: '/user/12/list/7', b: '/other', n: 1n } },
      after: { attributes: { a: '/user/{userId}/list/{listId}', b: '/other', n: 1n } },
    },
    {
      title: 'with a function',
      code: 'replace_all_matches(attributes, "{x,y}", "name", SHA256)',
      given: { attributes: { a: 'y', b: 'z' } },
      after: { attributes: { a: '82a3537ff0dbce7eec35d69edc3a189ee6f17d82f353a553f9aa96cb0be3ce89', b: 'z' } },
    },
    {
      code: 'replace_all_matches(body, "*", "x")',
      given: { body: 'text' },
      fails: 'expected pcommon.Map but got string',
    },
    { code: 'replace_all_matches(attributes, "{a", "x")', invalid: 'a { without }' },
  ],
  make: ({ target, pattern, ...how }) => {
    const glob = compilePattern(globToPattern(pattern));
    const replacement = compileWholeReplacement(how);
    let current: Frame;
    const replace = (text: string): string => (glob.test(text) ? replacement(current) : text);
    const change = (map: MapEditor, frame: Frame): void => {
      current = frame;
      map.changeStrings(replace);
    };
    return (frame) => target.edit(frame, change);
  },
});
