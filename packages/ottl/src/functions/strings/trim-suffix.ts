import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const trimSuffix = defineFunction({
  name: 'TrimSuffix',
  kind: 'converter',
  summary: 'A string without the suffix, where it has it.',
  params: { target: p.string, suffix: p.string },
  returns: 'string',
  examples: [
    { code: 'TrimSuffix("ingest_service", "_service")', result: 'ingest' },
    { code: 'TrimSuffix("ingest", "")', result: 'ingest' },
    { code: 'TrimSuffix(attributes["missing"], "a")', fails: 'expected string but got nil' },
    { code: 'TrimSuffix(1, "a")', invalid: 'expected string but got int64' },
  ],
  make:
    ({ target, suffix }) =>
    (frame) => {
      const text = target(frame);
      const end = suffix(frame);
      return text.endsWith(end) ? text.slice(0, text.length - end.length) : text;
    },
});
