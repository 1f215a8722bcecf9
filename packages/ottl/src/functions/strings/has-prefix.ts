import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const hasPrefix = defineFunction({
  name: 'HasPrefix',
  kind: 'converter',
  summary: 'Whether a string begins with another one.',
  params: { target: p.string, prefix: p.string },
  returns: 'bool',
  examples: [
    { code: 'HasPrefix("ingest_service", "ingest_")', result: true },
    { code: 'HasPrefix("a", "ab")', result: false },
    { code: 'HasPrefix(attributes["missing"], "a")', fails: 'expected string but got nil' },
    { code: 'HasPrefix(1, "a")', invalid: 'expected string but got int64' },
  ],
  make:
    ({ target, prefix }) =>
    (frame) =>
      target(frame).startsWith(prefix(frame)),
});
