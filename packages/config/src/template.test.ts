import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasTemplate, parseTemplate, type TemplatePart } from './template.ts';

/** References in guillemets, so that one can see how they nest. */
function shown(parts: readonly TemplatePart[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : `«${shown(part.parts)}»`)).join('');
}

describe('parseTemplate', () => {
  test.each<[string, string]>([
    ['plain', 'plain'],
    ['${A}', '«A»'],
    ['a${A}b', 'a«A»b'],
    ['${env:A}${file:b}', '«env:A»«file:b»'],
    ['${env:${env:A}}', '«env:«env:A»»'],
    ['${env:A:-${B}}', '«env:A:-«B»»'],
    ['$$', '$'],
    ['$${A}', '${A}'],
    ['$$${A}', '$«A»'],
    ['$$$$', '$$'],
    ['$A $ $', '$A $ $'],
    ['${A', '${A'],
    ['${A ${B}', '${A «B»'],
    ['a}b', 'a}b'],
    ['${yaml:{a: 1}}', '«yaml:{a: 1»}'],
    ['${A $$ ${B', '${A $ ${B'],
  ])('%j is %j', (text, expected) => {
    expect(shown(parseTemplate(text))).toBe(expected);
  });

  test('undoes doubling every dollar sign', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', ':') }), (text) => {
        const escaped = text.replaceAll('$', '$$$$');
        expect(shown(parseTemplate(escaped))).toBe(text);
      }),
    );
  });

  test('leaves texts without a template as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', ':') }), (text) => {
        fc.pre(!hasTemplate(text));
        expect(shown(parseTemplate(text))).toBe(text);
      }),
    );
  });

  test('takes time in proportion to the text, however it nests', () => {
    const text = '${'.repeat(100_000) + '}'.repeat(50_000) + '${'.repeat(100_000);
    expect(shown(parseTemplate(text)).length).toBeGreaterThan(100_000);
  });
});
