import { compilePattern } from '@millrace/pattern';
import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import type { Value, ValueMap } from '../../value/value.ts';

const NOTHING: ValueMap = new Map();

export const extractPatterns = defineFunction({
  name: 'ExtractPatterns',
  kind: 'converter',
  summary: 'A map of what the named groups of a regular expression captured; empty without a match.',
  details: 'A group that took no part in the match gives an empty string.',
  params: { target: p.string, pattern: p.string },
  returns: 'map',
  examples: [
    { code: 'ExtractPatterns("GIT_SHA=abc1", "GIT_SHA=(?P<sha>\\\\w+)")', result: new Map([['sha', 'abc1']]) },
    {
      code: 'ExtractPatterns(body, "^(?P<name>\\\\w+)(\\\\[(?P<pid>\\\\d+)\\\\])?:")',
      given: { body: 'sshd: hello' },
      result: new Map([
        ['name', 'sshd'],
        ['pid', ''],
      ]),
    },
    { code: 'ExtractPatterns("a", "(?P<n>b)")', result: new Map() },
    { code: 'ExtractPatterns(attributes["missing"], "(?P<n>b)")', fails: 'expected string but got nil' },
    { code: 'ExtractPatterns("a", "(b)")', invalid: 'at least 1 named capture group' },
  ],
  make: ({ target, pattern }) => {
    const compiledOf = derived(pattern, (source) => {
      const compiled = compilePattern(source);
      if (compiled.groupNames.every((name) => name === ''))
        throw new Error('the pattern must have at least 1 named capture group');
      return compiled;
    });
    return (frame) => {
      const compiled = compiledOf(frame);
      const match = compiled.exec(target(frame));
      if (match === null) return NOTHING;
      const found = new Map<string, Value>();
      for (const [i, name] of compiled.groupNames.entries()) if (name !== '') found.set(name, match.groups[i] ?? '');
      return found;
    };
  },
});
