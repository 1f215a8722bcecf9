import { describe, expect, test } from 'vitest';
import { changed, collectorWith, text, type PlainSpan } from './testing/rename.ts';

describe('name from attributes', () => {
  const attributes = [
    text('db.svc', 'location'),
    text('operation', 'get'),
    { key: 'id', value: { intValue: '9223372036854775807' } },
    { key: 'ratio', value: { doubleValue: 1e21 } },
    { key: 'whole', value: { doubleValue: 2 } },
    { key: 'ok', value: { boolValue: true } },
    { key: 'list', value: { arrayValue: {} } },
    { key: 'nothing', value: {} },
    text('empty', ''),
  ];
  const name = async (from_attributes: string[], separator = '') => {
    const [span] = await changed({ name: { from_attributes, separator } }, [{ name: 'before', attributes }]);
    return span.name;
  };

  test.each([
    [['db.svc', 'operation', 'id'], '::', 'location::get::9223372036854775807'],
    [['operation', 'db.svc'], '', 'getlocation'],
    [['ratio', 'whole', 'ok'], ' ', '1000000000000000000000 2 true'],
    [['list', 'nothing'], '/', '<unknown-attribute-type>/<unknown-attribute-type>'],
    [['operation', 'missing'], '::', 'before'],
    [['empty'], '', undefined],
  ])('%j with "%s" is %s', async (from, separator, expected) => {
    expect(await name(from, separator)).toBe(expected);
  });
});

describe('attributes from the name', () => {
  const rename = async (name: string, rules: string[], more: object = {}) => {
    const [span] = await changed({ name: { to_attributes: { rules, ...more } } }, [{ name }]);
    const attributes = (span.attributes ?? []) as { key: string; value: { stringValue: string } }[];
    return [span.name, Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]))];
  };

  test.each<[string, string[], string, object]>([
    [
      '/api/v1/document/12345678/update',
      ['^\\/api\\/v1\\/document\\/(?P<documentId>.*)\\/update$'],
      '/api/v1/document/{documentId}/update',
      { documentId: '12345678' },
    ],
    ['/api/v1/1/1', ['^/api/v1/(?P<a>1)/(?P<b>.)'], '/api/v1/{a}/{b}', { a: '1', b: '1' }],
    ['/1/1', ['/(?P<second>[0-9])$'], '/1/{second}', { second: '1' }],
    ['GET /x', ['(?P<method>[A-Z]+) (?P<route>.*)'], '{method} {route}', { method: 'GET', route: '/x' }],
    ['ab', ['(?P<x>a)?(?P<y>z)?(b)'], '{x}b', { x: 'a', y: '' }],
    ['aab', ['(?P<x>a)+b'], 'a{x}b', { x: 'a' }],
    ['x-cat', ['^(?:x-(?P<pet>cat|dog)|y-(?P<tree>oak))$'], 'x-{pet}', { pet: 'cat', tree: '' }],
    ['y-oak', ['^(?:x-(?P<pet>cat|dog)|y-(?P<tree>oak))$'], 'y-{tree}', { pet: '', tree: 'oak' }],
    ['a1b2', ['(?P<outer>a(?P<inner>[0-9]))'], '{outer}b2', { outer: 'a1', inner: '1' }],
    ['ÄÖ 😀 7', ['😀 (?P<n>.)'], 'ÄÖ 😀 {n}', { n: '7' }],
    ['no', ['(?P<x>yes)'], 'no', {}],
    // Each rule works on the name that the one before made.
    ['/a/1/b/2', ['/a/(?P<a>[0-9])', '/b/(?P<b>[0-9])'], '/a/{a}/b/{b}', { a: '1', b: '2' }],
    ['/a/1', ['/a/(?P<a>[0-9])', '/a/(?P<b>.*)'], '/a/{b}', { a: '1', b: '{a}' }],
  ])('%s by %j', async (name, rules, after, attributes) => {
    expect(await rename(name, rules)).toEqual([after, attributes]);
  });

  test('break_after_match stops at the first rule that matches', async () => {
    const rules = ['(?P<no>x)', '/a/(?P<a>[0-9])', '/b/(?P<b>[0-9])'];
    expect(await rename('/a/1/b/2', rules, { break_after_match: true })).toEqual(['/a/{a}/b/2', { a: '1' }]);
  });

  test('keep_original_name sets attributes only', async () => {
    expect(await rename('/a/1', ['/a/(?P<a>[0-9])'], { keep_original_name: true })).toEqual(['/a/1', { a: '1' }]);
    expect(await rename('abab', ['(?:a(?P<x>b))+'], { keep_original_name: true })).toEqual(['abab', { x: 'b' }]);
  });

  test('attributes that are there are overwritten, and a name can come from attributes first', async () => {
    const name = { from_attributes: ['a'], to_attributes: { rules: ['^(?P<a>[a-z])'] } };
    expect(await changed({ name }, [{ attributes: [text('a', 'xyz'), text('b', 'b')] }])).toEqual([
      { name: '{a}yz', attributes: [text('a', 'x'), text('b', 'b')] },
    ]);
  });
});

describe('status', () => {
  const OLD = { message: 'old', code: 2 };

  test.each<[object, object | undefined, object | undefined]>([
    [{ code: 'Ok' }, undefined, { code: 1 }],
    [{ code: 'Ok' }, OLD, { code: 1 }],
    [{ code: 'Error', description: 'some error' }, undefined, { message: 'some error', code: 2 }],
    [{ code: 'Error' }, OLD, { code: 2 }],
    [{ code: 'Error', description: 'old' }, OLD, OLD],
  ])('%j on %j is %j', async (status, before, after) => {
    const span: PlainSpan = { name: 'x', ...(before === undefined ? {} : { status: before }) };
    expect(await changed({ status }, [span])).toEqual([{ name: 'x', status: after }]);
  });

  test('Unset takes a status away', async () => {
    expect(await changed({ status: { code: 'Unset' } }, [{ name: 'x', status: OLD }])).toEqual([{ name: 'x' }]);
  });
});

test('include and exclude say which spans', async () => {
  const settings = {
    include: { match_type: 'regexp', services: ['sh.p'], span_names: ['^GET'] },
    exclude: { match_type: 'strict', attributes: [{ key: 'skip', value: 'yes' }] },
    name: { from_attributes: ['n'] },
  };
  const n = text('n', 'new');
  const after = await changed(settings, [
    { name: 'GET /', attributes: [n] },
    { name: 'PUT /', attributes: [n] },
    { name: 'GET /', attributes: [n, text('skip', 'yes')] },
  ]);
  expect(after.map(({ name }) => name)).toEqual(['new', 'PUT /', 'GET /']);
});

test.each([
  [{}, 'span', 'has nothing to do'],
  [{ name: { to_attributes: { rules: [] } } }, 'span', 'has nothing to do'],
  [{ name: { to_attributes: { rules: ['a', '('] } } }, 'rules[1]', 'RE2 syntax'],
  [{ name: { to_attributes: { rules: ['(?:a(?P<x>b))+'] } } }, 'rules[0]', 'inside of a repetition'],
  [{ status: { code: 'ok' } }, 'status.code', '"ok" is no status'],
  [{ status: { code: 'Ok', description: 'fine' } }, 'status.description', 'Error only'],
  [
    { include: { match_type: 'strict', log_bodies: ['x'] }, status: { code: 'Ok' } },
    'log_bodies',
    'not for this signal',
  ],
])('refuses %j at %s', async (settings, place, problem) => {
  const error: unknown = await collectorWith(settings).catch((reason: unknown) => reason);
  expect(String(error)).toContain(place);
  expect(String(error)).toContain(problem);
});
