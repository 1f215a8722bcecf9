import { expect, test } from 'vitest';
import { evaluate } from '../../testing/evaluate.ts';

/* What the Collector (pkg/ottl 0.150) gives for the same. */
test.each<[code: string, result: unknown]>([
  ['TraceID(0x00112233445566778899aabbccddeeff)', '00112233445566778899aabbccddeeff'],
  ['TraceID("a389023abaa839283293ed323892389d")', 'a389023abaa839283293ed323892389d'],
  ['TraceID("A389023ABAA839283293ED323892389D")', 'a389023abaa839283293ed323892389d'],
  ['SpanID("0102030405060708")', '0102030405060708'],
  ['ProfileID(0x00112233445566778899aabbccddeeff)', '00112233445566778899aabbccddeeff'],
])('%s is %o', (code, result) => {
  expect(evaluate(code)).toBe(result);
});

test.each([
  'TraceID("zz")',
  'TraceID("a389023abaa839283293ed323892389z")',
  'TraceID(1)',
  'TraceID(0x01)',
  'TraceID(attributes["missing"])',
])('%s fails', (code) => {
  expect(() => evaluate(code)).toThrow(expect.objectContaining({ name: expect.stringMatching(/^Ottl/) as string }));
});
