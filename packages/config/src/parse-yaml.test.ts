import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { fromPlain, originAt, toPlain } from './node.ts';
import { parseYaml, SOURCE_CHARACTERS_MAX } from './parse-yaml.ts';
import { Source } from './source.ts';
import { AROUND, warningsOf } from './testing/load-text.ts';

const sourceOf = (text: string): Source => new Source({ label: 't', text, dir: '.', order: 0 });
const codesOf = (text: string): string[] => parseYaml(sourceOf(text)).faults.map(({ code }) => code);

/** JSON has doubles where whole numbers are exact here. */
const jsonOf = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)));

describe('parseYaml', () => {
  test('reads back what JSON values are written as', () => {
    // Keys that YAML has other plans for.
    const values = fc.jsonValue({ maxDepth: 4 }).filter((value) => !/__proto__|"<<"/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(values, (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        // JSON is YAML; and so is what another writer makes of it.
        const { node } = parseYaml(sourceOf(JSON.stringify(plain)));
        expect(node === undefined ? undefined : jsonOf(toPlain(node))).toEqual(plain);
        const block = parseYaml(sourceOf(stringify(plain, { schema: 'yaml-1.1' }))).node;
        expect(block === undefined ? undefined : jsonOf(toPlain(block))).toEqual(plain);
      }),
    );
  });

  test('never throws, and ends', () => {
    const pieces = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&x ',
      '*x',
      '<<: ',
      '|',
      '\t',
      '#',
      '!!int ',
      '? ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const { node, faults } = parseYaml(sourceOf(parts.join('')));
        expect(node !== undefined || faults.length > 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('gives every value its place', () => {
    const text = 'a:\n  - x\n  - { b: "q", c: }\nd: &n |\n  block\ne: *n\n';
    const { node } = parseYaml(sourceOf(text));
    const placeOf = (...path: (string | number)[]): string => {
      const { line, column } = sourceOf(text).position(
        originAt(node ?? fromPlain(0, { source: sourceOf(''), offset: 0 }), path).offset,
      );
      return `${line}:${column}`;
    };
    expect(placeOf()).toBe('1:1');
    expect(placeOf('a', 0)).toBe('2:5');
    expect(placeOf('a', 1, 'b')).toBe('3:10');
    expect(placeOf('a', 1, 'c')).toBe('3:15');
    expect(placeOf('d')).toBe('4:7');
    // An alias stands for the value that it names, and faults are corrected there.
    expect(placeOf('e')).toBe('4:7');
  });

  test('bounds size, depth and what aliases multiply', () => {
    expect(codesOf('x'.repeat(SOURCE_CHARACTERS_MAX + 1))).toEqual(['YAML_TOO_LARGE']);
    expect(codesOf('['.repeat(100) + ']'.repeat(100))).toEqual([]);
    expect(codesOf('['.repeat(1000) + ']'.repeat(1000))).toEqual(['YAML_RESOURCE_EXHAUSTION']);
    expect(codesOf('['.repeat(200_000))).toEqual(['YAML_RESOURCE_EXHAUSTION']);
    const bomb = Array.from(
      { length: 12 },
      (_, i) => `a${i}: &a${i} [${i === 0 ? 'x' : `${`*a${i - 1}, `.repeat(9)}*a${i - 1}`}]`,
    );
    expect(codesOf(bomb.join('\n'))).toEqual(['YAML_TOO_LARGE']);
    expect(codesOf('a: &a [*a]')).toEqual(['YAML_ALIAS']);
  });

  test('reads the first of several documents, with a warning', async () => {
    expect(await warningsOf(`${AROUND}---\nreceivers: { nothing: }\n`)).toEqual([
      'c.yaml:4:1  there is a second document after ---  only the first one is read; take the others away',
    ]);
  });
});
