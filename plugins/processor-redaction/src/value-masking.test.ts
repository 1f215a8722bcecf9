import { compilePattern } from '@millrace/pattern';
import { expect, test } from 'vitest';
import { replaceAll } from './value-masking.ts';

/** What Go's ReplaceAllStringFunc makes of each. */
test.each([
  ['.*', 'abc', '<abc>'],
  ['.*', '', '<>'],
  ['.*', 'ab\ncd', '<ab>\n<cd>'],
  ['.*', 'ab\n', '<ab>\n<>'],
  ['a*', 'baac', '<>b<aa>c<>'],
  ['a*', 'aab', '<aa>b<>'],
  ['x', 'abc', 'abc'],
  ['b', 'abcb', 'a<b>c<b>'],
  ['', '😀é', '<>😀<>é<>'],
  ['^a', 'aaa', '<a>aa'],
  ['a$', 'aaa', 'aa<a>'],
  ['\\b', 'ab cd', '<>ab<> <>cd<>'],
])('%s in %j', (pattern, text, expected) => {
  expect(replaceAll(compilePattern(pattern), text, (match) => `<${match}>`)).toBe(expected);
});
