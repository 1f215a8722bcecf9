import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const hasSuffix = defineFunction({
  name: 'HasSuffix',
  kind: 'converter',
  summary: 'Whether a string ends with another one.',
  params: { target: p.string, suffix: p.string },
  returns: 'bool',
  examples: [
    { code: 'HasSuffix("ingest_service", "_service")', result: true },
    { code: 'HasSuffix("a", "")', result: true },
    { code: 'HasSuffix(attributes["missing"], "a")', fails: 'expected string but got nil' },
    { code: 'HasSuffix(1, "a")', invalid: 'expected string but got int64' },
  ],
  make:
    ({ target, suffix }) =>
    (frame) =>
      target(frame).endsWith(suffix(frame)),
});
