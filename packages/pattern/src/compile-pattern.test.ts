import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { compilePattern, PatternError } from './compile-pattern.ts';
import { pattern as anyPattern, text as anyText } from './testing/pattern-arbitraries.ts';

type GoMatch = readonly [text: string, startByte: number, ...groups: (string | null)[]] | null;

/** What Go 1.26's regexp package made of these patterns and texts: null for a pattern that it refuses. */
const [texts, ...table] = readFileSync(new URL('testing/go-regexp.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as unknown) as [string[], ...[source: string, matches: GoMatch[] | null][]];

describe('as the regexp package of Go', () => {
  test.each(table)('%j', (source, matches) => {
    if (matches === null) {
      expect(() => compilePattern(source)).toThrow(PatternError);
      return;
    }
    const pattern = compilePattern(source);
    for (const [index, text] of texts.entries()) {
      const match = pattern.exec(text);
      const found = match && [
        text.slice(match.start, match.end),
        Buffer.byteLength(text.slice(0, match.start)),
        ...match.groups.map((group) => group ?? null),
      ];
      expect({ text, found }).toEqual({ text, found: matches[index] });
      expect({ text, matches: pattern.test(text) }).toEqual({ text, matches: matches[index] !== null });
    }
  });
});

test('V8 and the linear engine agree', () => {
  fc.assert(
    fc.property(anyPattern, fc.array(anyText, { minLength: 1, maxLength: 5 }), (source, candidates) => {
      const pattern = compilePattern(source);
      const linear = RE2JS.compile(source);
      for (const text of candidates) {
        const matcher = linear.matcher(text);
        const found = matcher.find();
        expect(pattern.test(text)).toBe(found);
        const match = pattern.exec(text);
        expect(match?.start).toBe(found ? matcher.start() : undefined);
        expect(match?.end).toBe(found ? matcher.end() : undefined);
        const groups = pattern.groupNames.map((_, index) => (found ? (matcher.group(index + 1) ?? undefined) : ''));
        expect(match?.groups).toEqual(found ? groups : undefined);
      }
    }),
    { numRuns: 1500 },
  );
});

test.each([
  ['^.*a.*b', `${'c'.repeat(300)}a-b`],
  ['(a+)b', `${'a'.repeat(300)}b`],
  ['[a-z]+x$', `${'y'.repeat(2 ** 20)}x`],
  ['(?P<year>\\d{4})-(?P<day>[0-9]+)', `${'-'.repeat(2 ** 20)}2026-7`],
])('%s matches texts that are too long for V8 as short ones', (source, text) => {
  const pattern = compilePattern(source);
  const tail = source.startsWith('^') ? text.slice(-10) : text.slice(-100);
  expect(pattern.test(text)).toBe(true);
  expect(pattern.exec(text)?.end).toBe(text.length);
  expect(pattern.exec(text)?.groups).toHaveLength(pattern.groupNames.length);
  expect(pattern.test(tail)).toBe(true);
  expect(pattern.exec(tail)?.end).toBe(tail.length);
  expect(pattern.test(`${text.slice(0, -1)}!`)).toBe(false);
  expect(pattern.exec(`${text.slice(0, -1)}!`)).toBeNull();
});

/** Each would keep a backtracking engine busy for years, or for hours. */
test.each([
  ['^(a+)+$', `${'a'.repeat(50_000)}!`],
  ['^(a|aa)+$', `${'a'.repeat(50_000)}!`],
  ['^(a|a)*$', `${'a'.repeat(50_000)}!`],
  ['(x+x+)+y', 'x'.repeat(50_000)],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(50_000)],
  ['(.*)(.*)(.*)(.*)(.*)(.*)[0-9]$', 'x'.repeat(20_000)],
  [`${'a?'.repeat(40)}${'a'.repeat(40)}$`, 'a'.repeat(39)],
  [`^${'(a|a)'.repeat(60)}$`, `${'a'.repeat(60)}!`],
  [`(${'a{0,30}'.repeat(20)})!`, 'a'.repeat(500)],
  ['\\s+$', `${' '.repeat(200_000)}x`],
  ['(?i)[a-z]+[0-9]+[a-z]+!', 'a1'.repeat(20_000)],
])('%s comes to an end', (source, text) => {
  expect(compilePattern(source).test(text)).toBe(false);
  expect(compilePattern(source).exec(text)).toBeNull();
});

test('finds matches behind a position, and the start of the text only at its start', () => {
  const pattern = compilePattern('^a|b(c)?');
  expect(pattern.exec('abbc')).toEqual({ start: 0, end: 1, groups: [undefined] });
  expect(pattern.exec('abbc', 1)).toEqual({ start: 1, end: 2, groups: [undefined] });
  expect(pattern.exec('abbc', 2)).toEqual({ start: 2, end: 4, groups: ['c'] });
  expect(pattern.exec('abbc', 3)).toBeNull();
  const linear = compilePattern('^a|b(\\pL)?');
  expect(linear.exec('aabc', 1)).toEqual({ start: 2, end: 4, groups: ['c'] });
});

test('names groups, whatever the engine', () => {
  expect(compilePattern('(?P<a>x)(y)(?<b1>z)').groupNames).toEqual(['a', '', 'b1']);
  expect(compilePattern('(?P<a>\\pL)(y)(?<b1>z)').groupNames).toEqual(['a', '', 'b1']);
  expect(compilePattern('(?P<1st>x)').exec('x')?.groups).toEqual(['x']);
});

test('says what is wrong', () => {
  expect(() => compilePattern('a(b')).toThrow(
    '"a(b" is not a regular expression in RE2 syntax: missing closing ): `a(b`',
  );
  expect(() => compilePattern('(?=a)')).toThrow('invalid or unsupported Perl syntax: `(?=`');
});
