import { compilePattern } from '@millrace/pattern';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { globToPattern } from './glob.ts';
import { compileWholeReplacement } from './whole-replacement.ts';

export const replaceMatch = defineFunction({
  name: 'replace_match',
  kind: 'editor',
  summary: 'Replaces a string that matches a glob as a whole. What is no string stays.',
  details: '`*` stands for any text, slashes too; `?`, `[a-z]`, `[!a-z]` and `{a,b}` have their usual meaning.',
  params: {
    target: p.getSetter,
    pattern: p.literalString,
    replacement: p.string,
    function: p.optional(p.converter),
    replacementFormat: p.optional(p.string),
  },
  examples: [
    {
      code: 'replace_match(attributes["http.target"], "/user/*/list/*", "/user/{userId}/list/{listId}")',
      given: { attributes: { 'http.target': '/user/12/list/7' } },
      after: { attributes: { 'http.target': '/user/{userId}/list/{listId}' } },
    },
    {
      title: 'with a function and a format',
      code: 'replace_match(attributes["u"], "user-?", "name", SHA256, "/%s")',
      given: { attributes: { u: 'user-7' } },
      after: { attributes: { u: '/82a3537ff0dbce7eec35d69edc3a189ee6f17d82f353a553f9aa96cb0be3ce89' } },
    },
    {
      code: 'replace_match(attributes["n"], "*", "x")',
      given: { attributes: { n: 1n } },
      after: { attributes: { n: 1n } },
    },
    { code: 'replace_match(attributes["n"], "[", "x")', invalid: 'a [ without ]' },
  ],
  make: ({ target, pattern, ...how }) => {
    const glob = compilePattern(globToPattern(pattern));
    const replacement = compileWholeReplacement(how);
    return (frame) => {
      const text = target.get(frame);
      if (typeof text === 'string' && glob.test(text)) target.set(frame, replacement(frame));
    };
  },
});
