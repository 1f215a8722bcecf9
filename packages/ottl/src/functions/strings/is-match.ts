import { compilePattern } from '@millrace/pattern';
import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';

export const isMatch = defineFunction({
  name: 'IsMatch',
  kind: 'converter',
  summary: 'Whether a regular expression matches some part of a value, as text. False for nil.',
  params: { target: p.stringLike, pattern: p.string },
  returns: 'bool',
  examples: [
    { code: 'IsMatch("string", ".*ring")', result: true },
    { code: 'IsMatch(attributes["code"], "^5\\\\d\\\\d$")', given: { attributes: { code: 503n } }, result: true },
    { code: 'IsMatch(attributes["missing"], ".*")', result: false },
    { code: 'IsMatch(body, "[")', invalid: 'IsMatch' },
  ],
  make: ({ target, pattern }) => {
    const patternOf = derived(pattern, compilePattern);
    return (frame) => {
      const text = target(frame);
      return text !== null && patternOf(frame).test(text);
    };
  },
});
