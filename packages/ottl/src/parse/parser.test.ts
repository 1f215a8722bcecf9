import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OttlError } from '../ottl-error.ts';
import { showNode } from '../testing/show-node.ts';
import { parseConditionText, parseStatement, parseValueText } from './parser.ts';

describe('values', () => {
  test.each([
    ['"text"', '"text"'],
    ['""', '""'],
    [String.raw`"a\"b\\c\n\t\x41\101\u00e9\U0001F600"`, JSON.stringify('a"b\\c\n\tAAé😀')],
    [String.raw`"\xc3\xa9"`, '"é"'],
    ['1', '1n'],
    ['+1', '1n'],
    ['-1', '-1n'],
    ['9223372036854775807', '9223372036854775807n'],
    ['-9223372036854775808', '-9223372036854775808n'],
    ['1.5', '1.5'],
    ['-.5', '-0.5'],
    ['1.0', '1'],
    ['-0.0', '-0'],
    ['1.5e3', '1500'],
    ['2.5E-3', '0.0025'],
    ['true', 'true'],
    ['false', 'false'],
    ['nil', 'nil'],
    ['0x00fF', '0x00ff'],
    ['SEVERITY_NUMBER_INFO', '#SEVERITY_NUMBER_INFO'],
    ['SHA256', '#SHA256'],
    ['IsMatch', '#IsMatch'],
    ['name', 'name'],
    ['resource.attributes["x"]["y"][0]', 'resource.attributes["x"]["y"][0n]'],
    ['attributes[attributes["key"]]', 'attributes[attributes["key"]]'],
    ['attributes[Concat(["a"], "")]', 'attributes[Concat(["a"], "")]'],
    ['body["a"][Len(body["a"]) - 1]', 'body["a"][(- Len(body["a"]) 1n)]'],
    ['status.code', 'status.code'],
    ['[]', '[]'],
    ['[1, "a", name, [true]]', '[1n, "a", name, [true]]'],
    ['{}', '{}'],
    ['{"a": 1, "b": {"c": [nil]}}', '{a: 1n, b: {c: [nil]}}'],
    ['{"a": 1 "b": 2,}', '{a: 1n, b: 2n}'],
    ['Now()', 'Now()'],
    ['Split(x, ",")[0]', 'Split(x, ",")[0n]'],
    ['ParseJSON(body)["a"][1]', 'ParseJSON(body)["a"][1n]'],
    ['F(1, name="x", replacement_format = "y")', 'F(1n, name="x", replacement_format="y")'],
    ['F(SHA256)', 'F(#SHA256)'],
    ['F((a, _) => a > 1)', 'F((a, _) => (> a 1n))'],
    ['F(() => true)', 'F(() => true)'],
    ['F((k, v) => Len(v) + 1)', 'F((k, v) => (+ Len(v) 1n))'],
    ['F((a) => G((b) => a == b))', 'F((a) => G((b) => (== a b)))'],
    ['F((a))', 'F(a)'],
    ['1 + 2 * 3', '(+ 1n (* 2n 3n))'],
    ['(1 + 2) * 3', '(* (+ 1n 2n) 3n)'],
    ['1 - 2 - 3', '(- (- 1n 2n) 3n)'],
    ['8 / 4 / 2', '(/ (/ 8n 4n) 2n)'],
    ['1-1', '(- 1n 1n)'],
    ['1 - -1', '(- 1n -1n)'],
    ['-name', '(- name)'],
    ['-(a + 1)', '(- (+ a 1n))'],
    ['end_time - start_time', '(- end_time start_time)'],
    ['  \n\t 1 ', '1n'],
  ])('%s', (source, shown) => {
    expect(showNode(parseValueText(source))).toBe(shown);
  });
});

describe('conditions', () => {
  test.each([
    ['true', 'true'],
    ['not true', '(not true)'],
    ['not not true', '(not (not true))'],
    ['name == "x"', '(== name "x")'],
    ['1 < 2', '(< 1n 2n)'],
    ['a <= 1', '(<= a 1n)'],
    ['a >= 1', '(>= a 1n)'],
    ['a != nil', '(!= a nil)'],
    ['IsMatch(a, "x")', 'IsMatch(a, "x")'],
    ['a == 1 and b == 2 or c == 3', '(or (and (== a 1n) (== b 2n)) (== c 3n))'],
    ['a == 1 and (b == 2 or c == 3)', '(and (== a 1n) (or (== b 2n) (== c 3n)))'],
    ['not a == 1 and b == 2', '(and (not (== a 1n)) (== b 2n))'],
    ['not (a == 1 and b == 2)', '(not (and (== a 1n) (== b 2n)))'],
    ['(a + 1) * 2 > 3', '(> (* (+ a 1n) 2n) 3n)'],
    ['((a)) == (1)', '(== a 1n)'],
    ['a == true or false', '(or (== a true) false)'],
  ])('%s', (source, shown) => {
    expect(showNode(parseConditionText(source))).toBe(shown);
  });
});

test('a statement is an editor with or without a condition', () => {
  expect(showNode(parseStatement('set(name, "a")'))).toBe('set(name, "a")');
  expect(showNode(parseStatement('drop() where true'))).toBe('drop() where true');
});

test('nodes know where they stand', () => {
  const source = 'set(name, Concat(["a"], "-")[0]) where kind > 1';
  const { editor, where } = parseStatement(source);
  expect(source.slice(editor.arguments[1].start, editor.arguments[1].end)).toBe('Concat(["a"], "-")[0]');
  expect(source.slice(where!.start, where!.end)).toBe('kind > 1');
});

describe('mistakes', () => {
  test.each([
    ['', '1:1: a statement begins with an editor; expected a call such as set(...), found the end'],
    ['Set(name, 1)', '1:1: a statement is an editor, which begins with a lowercase letter, not Set'],
    ['set', '1:1: a statement begins with an editor; expected a call such as set(...), found set'],
    ['set(name, 1', '1:12: the call of set is not closed; expected "," or ")", found the end'],
    ['set(name, 1,)', '1:13: a call ends behind its last argument; expected an argument, found )'],
    ['set(name, 1)[0]', '1:14: only paths and converters can be indexed, not the editor set'],
    ['set(name, 1) when true', '1:14: a statement ends behind its editor; expected "where" or the end, found when'],
    [
      'set(name, 1) where',
      '1:19: a value is missing; expected a path, a literal, a converter, a list or a map, found the end',
    ],
    [
      'set(name, 1) where name',
      '1:20: "name" alone is no condition; expected a comparison, for instance with == true or != nil, or a converter',
    ],
    [
      'set(name, 1) where a == 1 == 2',
      '1:27: comparisons do not chain; expected "and" between two comparisons, found ==',
    ],
    [
      'set(name, 1) where a == 1 and b',
      '1:31: "and" joins conditions, not values; expected a comparison or a converter',
    ],
    ['set(name, concat("a"))', '1:11: a converter begins with an uppercase letter, concat does not'],
    ['set(name, a == 1)', '1:11: a condition is no argument; expected a value, or a lambda such as (v) => v > 1'],
    ['set(name, "a)', '1:11: a string is not closed; expected a closing "'],
    ["set(name, 'a')", "1:11: strings are written in double quotes, not in '"],
    ['set(name, "\\d")', '1:12: \\d is no escape; expected \\\\d for a backslash before d'],
    ['set(name, "a\nb")', '1:13: a line breaks inside of a string; expected \\n for a line break'],
    ['set(name,\n  @)', '2:3: "@" means nothing here'],
    ['set(name, 0x123)', '1:11: 0x123 has half a byte; expected an even number of hex digits'],
    [
      'set(name, 9223372036854775808)',
      '1:11: 9223372036854775808 does not fit into 64 bits; expected at most 9223372036854775807',
    ],
    ['set(name, "a" + 1)', '1:11: "+" cannot calculate with this; expected a number, a path or a converter'],
    ['set(attributes[1.5], 1)', '1:16: this is no key; expected a string, an integer, a path or a converter'],
    ['set(attributes["a", 1)', '1:19: an index is not closed; expected ], found ,'],
    ['set(Name.x, 1)', '1:9: the call of set is not closed; expected "," or ")", found .'],
    ['set(name.X, 1)', '1:10: a path goes on with a field; expected a name in lowercase, found X'],
    ['set(userName, 1)', '1:5: paths are in lowercase, "userName" is not'],
    ['set(name, {a: 1})', '1:12: a map has keys; expected a key in double quotes, or "}", found a'],
    ['set(name, [1 2])', '1:14: a list is not closed; expected "," or "]", found 2'],
    ['set(name, [(a) => a])', '1:12: a lambda can only be an argument; expected a value'],
    ['set(name, F((a, a) => a))', '1:17: the lambda has two parameters named a; expected another name, or _'],
  ])('%s', (source, message) => {
    expect(() => parseStatement(source)).toThrow(expect.objectContaining({ message }));
  });

  test('the excerpt points at the place', () => {
    try {
      parseStatement('set(name,\n  @)');
      expect.fail();
    } catch (error) {
      expect((error as OttlError).excerpt).toBe('  @)\n  ^');
      expect(error).toMatchObject({ code: 'SYNTAX', position: { offset: 12, line: 2, column: 3 } });
    }
  });

  test.each([
    ['parentheses', `set(name, ${'('.repeat(100_000)}`],
    ['lists', `set(name, ${'['.repeat(100_000)}`],
    ['calls', `set(name, ${'F('.repeat(100_000)}`],
    ['lambdas', `set(name, ${'F((a) => '.repeat(50_000)}`],
    ['negations', `set(name, 1) where ${'not '.repeat(50_000)}true`],
    ['sums', `set(name, 1${' + 1'.repeat(50_000)})`],
  ])('deep or long %s are refused and do not overflow the stack', (_, source) => {
    expect(() => parseStatement(source)).toThrow(OttlError);
  });

  test('long lists and chains of conditions are fine', () => {
    const keys = Array.from({ length: 5000 }, (_, i) => `"k${i}"`).join(', ');
    const chain = Array.from({ length: 5000 }, (_, i) => `a == ${i}`).join(' or ');
    expect(parseStatement(`keep_keys(attributes, [${keys}]) where ${chain}`).editor.name).toBe('keep_keys');
  });
});

const PIECES = [
  'set',
  'Concat',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ',',
  '.',
  ':',
  '"a"',
  '1',
  '2.5',
  '0xff',
  'nil',
  'true',
  'name',
  'attributes',
  '==',
  '<',
  '+',
  '-',
  '*',
  '/',
  '=',
  '=>',
  'and',
  'or',
  'not',
  'where',
  'SHA256',
  '_',
  ' ',
];

describe('on random text the parser', () => {
  test('accepts or throws an OttlError with a place inside of the text', () => {
    const input = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(' ')),
      fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => `set(name, ${pieces.join('')})`),
    );
    fc.assert(
      fc.property(input, (source) => {
        for (const parse of [parseStatement, parseConditionText, parseValueText])
          try {
            parse(source);
          } catch (error) {
            if (!(error instanceof OttlError)) throw error;
            expect(error.position.offset).toBeGreaterThanOrEqual(0);
            expect(error.position.offset).toBeLessThanOrEqual(source.length);
          }
      }),
      { numRuns: 2000 },
    );
  });
});
