import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { orderStrings } from '../../value/compare-values.ts';
import { asString } from '../../value/text.ts';
import type { Value } from '../../value/value.ts';
import { keyValueDelimiters, type KeyValueDelimiters } from './key-value-delimiters.ts';

export const toKeyValueString = defineFunction({
  name: 'ToKeyValueString',
  kind: 'converter',
  summary: 'Writes a map as pairs of keys and values: k1=v1 k2=v2. Nested maps and lists are JSON.',
  details: 'What has a delimiter in it is quoted; quotes are escaped. `sort_output` sorts by key.',
  params: {
    target: p.map,
    delimiter: p.optional(p.literalString),
    pairDelimiter: p.optional(p.literalString),
    sortOutput: p.optional(p.literalBool),
  },
  returns: 'string',
  examples: [
    { code: 'ToKeyValueString({"k1": "v1", "k2": "v=2"})', result: 'k1=v1 k2="v=2"' },
    {
      code: 'ToKeyValueString({"b": {"k3": ["v4"]}, "a": 1}, ":", ",", true)',
      result: 'a:1,b:"{\\"k3\\":[\\"v4\\"]}"',
    },
    { code: 'ToKeyValueString({})', result: '' },
    { code: 'ToKeyValueString("a")', invalid: 'expected pcommon.Map but got string' },
    { code: 'ToKeyValueString({}, "")', invalid: 'delimiter must not be empty' },
  ],
  make: ({ target, delimiter, pairDelimiter, sortOutput = false }) => {
    const delimiters = keyValueDelimiters(delimiter, pairDelimiter);
    return (frame) => {
      const entries = [...target(frame)];
      if (sortOutput) entries.sort(([a], [b]) => orderStrings(a, b));
      return entries.map((entry) => pairOf(entry, delimiters)).join(delimiters.pairDelimiter);
    };
  },
});

function pairOf([key, value]: readonly [string, Value], delimiters: KeyValueDelimiters): string {
  return quoted(key, delimiters) + delimiters.delimiter + quoted(asString(value), delimiters);
}

function quoted(text: string, { delimiter, pairDelimiter }: KeyValueDelimiters): string {
  const escaped = text.replaceAll('"', '\\"');
  return escaped.includes(pairDelimiter) || escaped.includes(delimiter) ? `"${escaped}"` : escaped;
}
