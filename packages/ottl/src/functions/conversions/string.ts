import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { Duration, Time } from '../../value/time.ts';
import { toJson, toText } from '../../value/text.ts';
import { Part, type Value } from '../../value/value.ts';
import { formatLayout } from '../times/format-layout.ts';
import { RFC3339_NANO } from '../times/go-layout.ts';

export const string = defineFunction({
  name: 'String',
  kind: 'converter',
  summary: 'Converts to a string: bytes and ids as hex, all else as JSON shows it. What JSON does not have is nil.',
  params: { value: p.value },
  returns: 'string',
  deviation: 'Trace and span ids become hex, where the Collector writes a list of their bytes.',
  examples: [
    { code: 'String("test")', result: 'test' },
    { code: 'String(42)', result: '42' },
    { code: 'String(1.5)', result: '1.5' },
    { code: 'String([1, 2, "a"])', result: '[1,2,"a"]' },
    { code: 'String(0x0102)', result: '0102' },
    { code: 'String(attributes["missing"])', result: null },
  ],
  make:
    ({ value }) =>
    (frame) =>
      asText(value(frame)),
});

function asText(value: Value): string | null {
  if (value instanceof Time) return `"${formatLayout(RFC3339_NANO, value)}"`;
  if (value instanceof Duration) return String(value.nanos);
  if (value instanceof Part) return null;
  if (typeof value !== 'number') return toText(value);
  return Number.isFinite(value) ? toJson(value) : null;
}
