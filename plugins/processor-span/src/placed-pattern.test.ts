import { compilePattern } from '@millrace/pattern';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutOf } from './pattern-layout.ts';
import { hasRepeatedPlaces, PlacedPattern } from './placed-pattern.ts';

/** The same by V8, which tells the places of groups. For patterns that mean the same there. */
function byV8(source: string, text: string): unknown {
  const match = new RegExp(source.replaceAll('?P<', '?<'), 'du').exec(text);
  if (match === null) return undefined;
  const places = Object.entries(match.indices?.groups ?? {}).flatMap(([name, range]) =>
    range === undefined ? [] : [{ name, text: text.slice(...range), start: range[0] }],
  );
  return places.toSorted((a, b) => a.start - b.start);
}

const ids = (source: string) => source.replaceAll(/\?P<x>/g, () => `?P<x${counter++}>`);
let counter = 0;

const atom = fc.constantFrom('a', 'b', '[ab]', '.', '\\w', '\\d', '1', '(a|b)', '(?:1)', 'a*', 'b?', '[^a]+?', '(1)?');
const texts = fc.array(atom, { maxLength: 3 }).map((atoms) => atoms.join(''));
/** Engines disagree on turns of a quantified group that are empty, so what can be empty is not quantified. */
const times = (inside: string, quantifier: string) =>
  new RegExp(`^(?:${inside.replaceAll('?P<x>', '')})$`).test('') ? '' : quantifier;
const named = fc
  .tuple(texts, fc.constantFrom('', '?', '*', '+', '{1,2}'))
  .map(([inside, quantifier]) => `(?P<x>${inside})${times(inside, quantifier)}`);
const { pattern } = fc.letrec<{ pattern: string; sequence: string; group: string }>((tie) => ({
  group: fc
    .tuple(fc.constantFrom('(', '(?:'), tie('pattern'), fc.constantFrom('', '?'))
    .map(([open, inside, quantifier]) => `${open}${inside})${times(inside, quantifier)}`),
  sequence: fc
    .array(fc.oneof({ maxDepth: 2 }, texts, named, tie('group')), { minLength: 1, maxLength: 3 })
    .map((pieces) => pieces.join('')),
  pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 2 }).map((alternatives) => alternatives.join('|')),
}));

test('groups are where V8 finds them', () => {
  const subject = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-'), maxLength: 8 });
  const property = fc.property(pattern, subject, (generated, text) => {
    counter = 0;
    const source = ids(generated);
    expect(new PlacedPattern(source).places(text)).toEqual(byV8(source, text));
  });
  fc.assert(property, { numRuns: 500 });
});

test('groups have the texts that the pattern itself captures, and lie where these are', () => {
  const subject = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-'), maxLength: 8 });
  const property = fc.property(pattern, subject, (generated, text) => {
    counter = 0;
    const source = ids(generated);
    const compiled = compilePattern(source);
    const groups = compiled.exec(text)?.groups;
    const captured = compiled.groupNames.flatMap((name, i) =>
      name === '' || groups?.[i] === undefined ? [] : [`${name}=${groups[i]}`],
    );
    const places = new PlacedPattern(source).places(text);
    expect(places?.map((each) => `${each.name}=${each.text}`) ?? []).toEqual(captured);
    for (const each of places ?? []) expect(text.startsWith(each.text, each.start)).toBe(true);
  });
  fc.assert(property, { numRuns: 500 });
});

describe('syntax that only RE2 has', () => {
  test.each([
    ['(?i)GET (?P<p>/[a-z]+)', 'get /ABC', [{ name: 'p', text: '/ABC', start: 4 }]],
    ['a(?i)b(?P<p>c)d', 'aBCD', [{ name: 'p', text: 'C', start: 2 }]],
    ['a(?i)b(?P<p>c)d', 'ABCD', undefined],
    ['(?i:x)(?P<p>y)', 'Xy', [{ name: 'p', text: 'y', start: 1 }]],
    ['(?i:x)(?P<p>y)', 'XY', undefined],
    ['\\Q(a|\\E(?P<p>b)', '(a|b', [{ name: 'p', text: 'b', start: 3 }]],
    ['[)(\\]|[:digit:]]+(?P<p>b)', '(|)]1b', [{ name: 'p', text: 'b', start: 5 }]],
    ['[]a](?P<p>b)', ']b', [{ name: 'p', text: 'b', start: 1 }]],
    ['[^]a](?P<p>b)', 'xb', [{ name: 'p', text: 'b', start: 1 }]],
    ['\\((?P<p>[^)]*)\\)', 'f(x)', [{ name: 'p', text: 'x', start: 2 }]],
    ['\\x{1F600}(?P<p>.)', '😀b', [{ name: 'p', text: 'b', start: 2 }]],
    ['(?<p>b)\\z', 'ab', [{ name: 'p', text: 'b', start: 1 }]],
    ['(?U)a(?P<p>b+)', 'abbb', [{ name: 'p', text: 'b', start: 1 }]],
    ['x|(?i)y(?P<p>z)', 'YZ', [{ name: 'p', text: 'Z', start: 1 }]],
  ])('%s in "%s"', (source, text, expected) => {
    expect(new PlacedPattern(source).places(text)).toEqual(expected);
  });
});

test.each([
  ['(?:a(?P<x>b))+', true],
  ['(?:(?:(?P<x>b)){2})?', true],
  ['(?P<x>b)+', false],
  ['(?:a(?P<x>b))?', false],
  ['(?:a)+(?P<x>b)', false],
])('%s has a name in a repetition: %s', (source, expected) => {
  expect(hasRepeatedPlaces(source)).toBe(expected);
});

test('a pattern is taken apart without a rest', () => {
  const property = fc.property(pattern, (source) => {
    const written = (alternatives: ReturnType<typeof layoutOf>): string =>
      alternatives
        .map((pieces) =>
          pieces
            .map((piece) => {
              if (piece.kind === 'text') return piece.source;
              if (piece.kind === 'named') return piece.source + piece.quantifier;
              return `${piece.open}${written(piece.inside)})${piece.quantifier}`;
            })
            .join(''),
        )
        .join('|');
    expect(written(layoutOf(source))).toBe(source);
  });
  fc.assert(property);
});
