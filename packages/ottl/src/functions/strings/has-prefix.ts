import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const hasPrefix = defineFunction({
  name: 'HasPrefix',
  kind: 'converter',
  summary: 'Whether a string begins with another one.',
  params: { value: p.string, prefix: p.string },
  returns: 'bool',
  examples: [
    { code: 'HasPrefix("ingest_service", "ingest_")', result: true },
    { code: 'HasPrefix("a", "ab")', result: false },
    { code: 'HasPrefix(attributes["missing"], "a")', fails: 'expected string but got nil' },
    { code: 'HasPrefix(1, "a")', fails: 'expected string but got int64' },
  ],
  make:
    ({ value, prefix }) =>
    (frame) =>
      value(frame).startsWith(prefix(frame)),
});
