import { compilePattern } from '@millrace/pattern';
import { defineFunction } from '../../function/define-function.ts';
import { replaceAll, writeReplaced } from '../../function/expand-template.ts';
import { derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { compileReplacement } from '../../function/replacement.ts';

export const replacePattern = defineFunction({
  name: 'replace_pattern',
  kind: 'editor',
  summary: 'Replaces every part of a string that matches a regular expression. What is no string stays.',
  params: {
    target: p.getSetter,
    regexPattern: p.string,
    replacement: p.string,
    function: p.optional(p.converter),
    replacementFormat: p.optional(p.string),
  },
  examples: [
    {
      code: 'replace_pattern(attributes["cmd"], "password=[^\\\\s]*(\\\\s?)", "password=***$1")',
      given: { attributes: { cmd: 'login password=abc now' } },
      after: { attributes: { cmd: 'login password=*** now' } },
    },
    {
      title: 'with a function and a format',
      code: 'replace_pattern(attributes["name"], "\\\\d+", "$0", SHA256, "#%s")',
      given: { attributes: { name: 'user 7' } },
      after: { attributes: { name: 'user #7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451' } },
    },
    {
      code: 'replace_pattern(attributes["n"], "1", "2")',
      given: { attributes: { n: 1n } },
      after: { attributes: { n: 1n } },
    },
    { code: 'replace_pattern(attributes["n"], "(", "2")', invalid: 'replace_pattern' },
  ],
  make: ({ target, regexPattern, ...how }) => {
    const pattern = derived(regexPattern, compilePattern);
    const replacement = compileReplacement(pattern, how);
    const { attribute } = target;
    if (attribute !== undefined) {
      return (frame) => {
        const view = attribute.of(frame);
        const text = view.getString(attribute.key);
        if (text === undefined) return;
        const replacing = { pattern: pattern(frame), text, replacement: replacement(frame) };
        view.setText(attribute.key, writeReplaced, replacing);
      };
    }
    return (frame) => {
      const text = target.get(frame);
      if (typeof text !== 'string') return;
      const replaced = replaceAll(pattern(frame), text, replacement(frame));
      if (replaced !== text) target.set(frame, replaced);
    };
  },
});
