import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const trimPrefix = defineFunction({
  name: 'TrimPrefix',
  kind: 'converter',
  summary: 'A string without the prefix, where it has it.',
  params: { target: p.string, prefix: p.string },
  returns: 'string',
  examples: [
    { code: 'TrimPrefix("ingest_service", "ingest_")', result: 'service' },
    { code: 'TrimPrefix("service", "ingest_")', result: 'service' },
    { code: 'TrimPrefix(attributes["missing"], "a")', fails: 'expected string but got nil' },
    { code: 'TrimPrefix(1, "a")', invalid: 'expected string but got int64' },
  ],
  make:
    ({ target, prefix }) =>
    (frame) => {
      const text = target(frame);
      const start = prefix(frame);
      return text.startsWith(start) ? text.slice(start.length) : text;
    },
});
