import { compilePattern } from '@millrace/pattern';
import { describe, expect, test } from 'vitest';
import type { Telemetry } from '../../function/example.ts';
import { expectation, functions, outcome } from '../../testing/function-table.ts';
import type { Value } from '../../value/value.ts';
import { globToPattern } from './glob.ts';

type Attributes = NonNullable<Telemetry['attributes']>;

/** A statement, the attributes before and behind it. */
type Row = readonly [code: string, given: Attributes, after: Attributes];

function rows(table: readonly Row[]): void {
  test.each(table)('%s', (code, given, after) => {
    const example = { code, given: { attributes: given }, after: { attributes: after } };
    expect(outcome(example)).toEqual(expectation(example));
  });
}

function failures(table: readonly (readonly [code: string, body: Value, fails: string])[]): void {
  test.each(table)('%s fails for the record', (code, body, fails) => {
    expect(outcome({ code, given: { body }, fails })).toEqual({ fails });
  });
}

function mistakes(table: readonly (readonly [code: string, invalid: string])[]): void {
  test.each(table)('%s is refused at the start', (code, invalid) => {
    expect(outcome({ code, invalid })).toEqual({ invalid });
  });
}

const map = (entries: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> => new Map(Object.entries(entries));

describe('append', () => {
  rows([
    ['append(attributes["a"], 66)', {}, { a: [66n] }],
    ['append(attributes["a"], "x")', { a: [] }, { a: ['x'] }],
    ['append(attributes["a"], values=["x", "y"])', { a: ['5', '6'] }, { a: ['5', '6', 'x', 'y'] }],
    ['append(attributes["a"], "x")', { a: 4n }, { a: [4n, 'x'] }],
    ['append(attributes["a"], "x")', { a: 2.5 }, { a: [2.5, 'x'] }],
    ['append(attributes["a"], "x")', { a: true }, { a: [true, 'x'] }],
    ['append(attributes["a"], 1, [2, 3.0])', { a: [0n] }, { a: [0n, 1n, 2n, 3] }],
    ['append(attributes["copy"], attributes["a"])', { a: ['x', 1n] }, { a: ['x', 1n], copy: ['x', 1n] }],
    ['append(attributes["a"], attributes["missing"])', { a: ['x'] }, { a: ['x', null] }],
  ]);
  failures([['append(body, 1)', map({ a: 1n }), 'cannot append to pcommon.Map']]);
  mistakes([
    ['append(attributes["a"])', 'one of value or values must be given'],
    ['append("a", 1)', 'a path'],
  ]);
});

describe('delete_index', () => {
  rows([
    ['delete_index(attributes["a"], 2)', { a: [1n, 2n, 3n] }, { a: [1n, 2n] }],
    ['delete_index(attributes["a"], 0, 3)', { a: [1n, 2n, 3n] }, { a: [] }],
    ['delete_index(attributes["a"], 1, 1)', { a: [1n, 2n] }, { a: [1n, 2n] }],
    ['delete_index(attributes["a"], Len(attributes["a"]) - 1)', { a: [1n, 2n] }, { a: [1n] }],
    ['delete_index(attributes["a"], 0, 0)', { a: [] }, { a: [] }],
  ]);
  failures([
    ['delete_index(body, -1)', ['a'], 'startIndex -1 out of bounds for slice of length 1'],
    ['delete_index(body, 1, 0)', ['a', 'b'], 'endIndex 0 cannot be less than startIndex 1'],
    ['delete_index(body, 0, 9)', ['a', 'b'], 'deletion range [0:9] out of bounds for slice of length 2'],
    ['delete_index(body, 0)', 'text', 'expected pcommon.Slice but got string'],
    ['delete_index(body, attributes["missing"])', ['a'], 'expected int64 but got nil'],
  ]);
});

describe('flatten', () => {
  const deep = map({ '1': map({ '2': map({ '3': map({ '4': 'value' }) }) }) });
  rows([
    ['flatten(attributes, depth=2)', { '0': deep }, { '0.1.2': map({ '3': map({ '4': 'value' }) }) }],
    ['flatten(attributes, depth=1)', { l: [map({ a: 1n }), [2n]] }, { 'l.0': map({ a: 1n }), 'l.1': [2n] }],
    ['flatten(attributes)', { l: [[1n, map({ a: 2n })]] }, { 'l.0.0': 1n, 'l.0.1.a': 2n }],
    ['flatten(attributes)', { '0': deep }, { '0.1.2.3.4': 'value' }],
    ['flatten(attributes, "app")', { name: 'test', l: ['u'] }, { 'app.name': 'test', 'app.l.0': 'u' }],
    ['flatten(attributes)', { l: [map({ a: 1n })] }, { 'l.0.a': 1n }],
    ['flatten(attributes)', { a: map({ b: 1n }), 'a.b': 2n }, { 'a.b': 2n }],
    ['flatten(attributes)', { a: map({}), l: [] }, {}],
    [
      'flatten(attributes, resolveConflicts=true)',
      {
        address: map({ street: map({ number: 'first' }), house: '1234' }),
        'address.street': map({ number: ['second', 'third'] }),
        'address.street.number': 'fourth',
        occupants: ['user 1', 'user 2'],
      },
      {
        'address.street.number': 'first',
        'address.house': '1234',
        'address.street.number.0': 'second',
        'address.street.number.1': 'third',
        'address.street.number.2': 'fourth',
        occupants: 'user 1',
        'occupants.0': 'user 2',
      },
    ],
  ]);
  test('what is nested too deeply is refused, not followed', () => {
    let nested: Value = 1n;
    for (let depth = 0; depth < 1500; depth++) nested = map({ a: nested });
    const edit = (_: unknown, change: (editor: object) => void) => change({ entries: () => nested });
    const run = functions.get('flatten')!.make({ target: { edit } }, {} as never);
    expect(() => run(undefined as never)).toThrow('nested deeper than 1000');
  });
});

describe('delete_matching_keys and keep_matching_keys', () => {
  rows([
    ['delete_matching_keys(attributes, "x")', { a: 1n }, { a: 1n }],
    ['delete_matching_keys(attributes, ".*")', { a: 1n, b: 2n }, {}],
    ['keep_matching_keys(attributes, "x")', { a: 1n }, {}],
    ['keep_matching_keys(attributes, "^a")', { ab: 1n, ba: 2n }, { ab: 1n }],
  ]);
  failures([
    ['delete_matching_keys(body, "a")', null, 'expected pcommon.Map but got nil'],
    ['keep_matching_keys(body, attributes["p"])', map({}), 'expected string but got nil'],
  ]);
});

describe('limit', () => {
  rows([
    ['limit(attributes, 2, [])', { a: 1n, b: 2n, c: 3n }, { a: 1n, b: 2n }],
    ['limit(attributes, 5, [])', { a: 1n }, { a: 1n }],
    ['limit(attributes, 2, ["b", "c"])', { a: 1n, b: 2n, c: 3n }, { b: 2n, c: 3n }],
    ['limit(attributes, 2, ["missing"])', { a: 1n, b: 2n, c: 3n }, { a: 1n, b: 2n }],
  ]);
  mistakes([
    ['limit(attributes, -1, [])', 'limit'],
    ['limit(attributes, "2", [])', 'a literal of type int64'],
    ['limit(attributes, 1, [1])', 'a literal of type string'],
  ]);
});

describe('merge_maps', () => {
  rows([
    ['merge_maps(attributes, {"a": 2, "b": 3}, "insert")', { a: 1n }, { a: 1n, b: 3n }],
    ['merge_maps(attributes, {"a": 2, "b": 3}, "update")', { a: 1n }, { a: 2n }],
    ['merge_maps(attributes, {"a": 2, "b": 3}, "upsert")', { a: 1n }, { a: 2n, b: 3n }],
    ['merge_maps(attributes, attributes, "upsert")', { a: 1n }, { a: 1n }],
  ]);
  failures([['merge_maps(attributes, body, "upsert")', ['a'], 'expected pcommon.Map but got pcommon.Slice']]);
});

describe('replace_all_matches and replace_match', () => {
  rows([
    [
      'replace_all_matches(attributes, "hello*", "hello {universe}")',
      { a: 'hello world', b: 'no' },
      { a: 'hello {universe}', b: 'no' },
    ],
    ['replace_all_matches(attributes, "a", "$1")', { a: 'a' }, { a: '$1' }],
    ['replace_match(attributes["a"], "h?llo", attributes["b"])', { a: 'hallo', b: 'x' }, { a: 'x', b: 'x' }],
    ['replace_match(attributes["a"], "", "x")', { a: '' }, { a: 'x' }],
    ['replace_match(attributes["a"], "*", "x")', {}, {}],
  ]);
  failures([
    ['replace_match(body, "*", "x", SHA256, "no place")', 'text', 'must contain exactly one %s'],
    ['replace_match(body, "*", "x", SHA256, "%s%s")', 'text', 'must contain exactly one %s'],
    ['replace_match(body, "*", attributes["missing"])', 'text', 'expected string but got nil'],
    ['replace_match(body, "*", "x", Len)', 'text', 'replacement value is not a string: Len returned int64'],
  ]);
});

describe('replace_all_patterns', () => {
  rows([
    ['replace_all_patterns(attributes, "value", "o", "0")', { a: 'foo', b: 'x' }, { a: 'f00', b: 'x' }],
    ['replace_all_patterns(attributes, "key", "^a", "b")', { a: 1n, b: 2n }, { b: 2n }],
    ['replace_all_patterns(attributes, "key", "x", "y")', { a: 1n }, { a: 1n }],
    [
      'replace_all_patterns(attributes, "value", "(\\\\w+)@(\\\\w+)", "${2} at $1")',
      { a: 'me@home' },
      { a: 'home at me' },
    ],
  ]);
  failures([['replace_all_patterns(attributes, "value", body, "x")', 1n, 'expected string but got int64']]);
});

describe('stringify_all and truncate_all', () => {
  rows([
    ['stringify_all(attributes)', { m: map({ b: 1n, a: [true, null] }) }, { m: '{"a":[true,null],"b":1}' }],
    ['truncate_all(attributes, 0)', { a: 'x' }, { a: '' }],
    ['truncate_all(attributes, 3)', { a: 'añb' }, { a: 'añ' }],
    ['truncate_all(attributes, 5)', { a: 'a😀b', b: '😀😀' }, { a: 'a😀', b: '😀' }],
    ['truncate_all(attributes, 2, false)', { a: '一' }, { a: '' }],
    ['truncate_all(attributes, 5, true, "一")', { a: 'abcdef' }, { a: 'ab一' }],
  ]);
  mistakes([
    ['truncate_all(attributes, -1)', 'limit'],
    ['truncate_all(attributes, 1, true, "ab")', 'longer than the limit of 1'],
  ]);
});

describe('a glob', () => {
  test.each([
    ['a*c', ['ac', 'abc', 'a/b\nc'], ['acd', 'bac']],
    ['a**c', ['ac', 'a/b/c'], ['a']],
    ['?', ['a', '😀', '\n'], ['', 'ab']],
    ['[a-c]x', ['ax', 'cx'], ['dx', '-x']],
    ['[!a-c]x', ['dx'], ['ax', 'x']],
    ['{ab,c*}', ['ab', 'c', 'cde'], ['a', 'abc']],
    ['\\*\\?', ['*?'], ['ab']],
    ['a.b+$^|(', ['a.b+$^|('], ['axb+$^|(']],
    ['a,b}', ['a,b}'], ['a']],
  ])('%s matches as it should', (glob, matching, others) => {
    const pattern = compilePattern(globToPattern(glob));
    expect(matching.filter((text) => !pattern.test(text))).toEqual([]);
    expect(others.filter((text) => pattern.test(text))).toEqual([]);
  });
  test.each(['[', '[]', '{a', 'a\\', '[!]', '*'.repeat(10_001)])('%s is refused', (glob) => {
    expect(() => globToPattern(glob)).toThrow('pattern');
  });
});
