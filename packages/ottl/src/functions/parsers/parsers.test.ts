import { describe, expect, test } from 'vitest';
import { outcome } from '../../testing/function-table.ts';
import type { Value } from '../../value/value.ts';
import { GrokPattern } from './grok/compile-grok.ts';
import { DEFAULT_PATTERNS } from './grok/default-patterns.ts';
import { parseXmlTree } from './xml/parse-xml-tree.ts';
import { compileXPath } from './xml/xpath.ts';

const map = (entries: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> => new Map(Object.entries(entries));

type Row = readonly [code: string, body: Value, result: Value];

function rows(table: readonly Row[]): void {
  test.each(table)('%s of %s', (code, body, result) => {
    expect(outcome({ code, given: { body }, result })).toEqual({ result });
  });
}

function failures(table: readonly (readonly [code: string, body: Value, fails: string])[]): void {
  test.each(table)('%s of %s fails', (code, body, fails) => {
    expect(outcome({ code, given: { body }, fails })).toEqual({ fails });
  });
}

function mistakes(table: readonly (readonly [code: string, invalid: string])[]): void {
  test.each(table)('%s is refused at the start', (code, invalid) => {
    expect(outcome({ code, invalid })).toEqual({ invalid });
  });
}

describe('ParseCSV', () => {
  rows([
    ['ParseCSV(body, "a,b")', '\r\n1,2\n', map({ a: '1', b: '2' })],
    ['ParseCSV(body, "a,b,c")', '1,,', map({ a: '1', b: '', c: '' })],
    ['ParseCSV(body, "a,b")', '"x,""y""",2', map({ a: 'x,"y"', b: '2' })],
    ['ParseCSV(body, "a,b")', 'x\r\ny,2', map({ a: 'x\ny', b: '2' })],
    ['ParseCSV(body, "a,b")', '"x\n\ny",2', map({ a: 'x\n\ny', b: '2' })],
    ['ParseCSV(body, "a,b,c,d,e")', 'aa,b\nb,cc,d\nd,ee', map({ a: 'aa', b: 'b\nb', c: 'cc', d: 'd\nd', e: 'ee' })],
    ['ParseCSV(body, "a|b", headerDelimiter="|")', '1,2', map({ a: '1', b: '2' })],
    ['ParseCSV(body, "a,b", mode="lazyQuotes")', '1 "x" y,"a "b" c"', map({ a: '1 "x" y', b: 'a "b" c' })],
    ['ParseCSV(body, "a,b", mode="ignoreQuotes")', '"1,2"', map({ a: '"1', b: '2"' })],
  ]);
  failures([
    ['ParseCSV(body, "a,b")', '1', 'wrong number of fields: expected 2, found 1'],
    ['ParseCSV(body, "a")', '1"2', 'a quote in a field without quotes'],
    ['ParseCSV(body, "a")', '"1', 'a quote that is not closed'],
    ['ParseCSV(body, "a")', '"1"2', 'a quote inside of a field with quotes'],
    ['ParseCSV(body, "a")', '', 'there is no CSV row'],
    ['ParseCSV("1", body)', '', 'headers must not be empty'],
    ['ParseCSV(body, "a")', 1n, 'expected string but got int64'],
  ]);
  mistakes([
    ['ParseCSV("1", "a", mode="lax")', 'mode must be strict, lazyQuotes or ignoreQuotes'],
    ['ParseCSV("1", "a", "")', 'delimiter must be one character'],
  ]);
});

describe('ParseKeyValue and ToKeyValueString', () => {
  rows([
    ['ParseKeyValue(body)', 'k1=v1 k2=v2  k3=v3 ', map({ k1: 'v1', k2: 'v2', k3: 'v3' })],
    ['ParseKeyValue(body)', 'k="a b=c" j=\'"\'', map({ k: 'a b=c', j: '"' })],
    ['ParseKeyValue(body, ":", "||")', 'a:1||b:2:3', map({ a: '1', b: '2:3' })],
    ['ParseKeyValue(body)', 'a=', map({ a: '' })],
    ['ToKeyValueString(body)', map({ k1: 'v1', k2: 'v=2', k3: '"v=3"' }), 'k1=v1 k2="v=2" k3="\\"v=3\\""'],
    ['ToKeyValueString(body, "=", " ", true)', map({ b: 1.5, a: null }), 'a= b=1.5'],
    ['ToKeyValueString(body)', map({ k: map({ a: ['b'] }) }), 'k={\\"a\\":[\\"b\\"]}'],
  ]);
  failures([
    ['ParseKeyValue(body)', 'a=1 b', 'there is no "=" in "b"'],
    ['ParseKeyValue(body)', 'a="b', 'a quoted value has no end'],
    ['ParseKeyValue(body)', null, 'expected string but got nil'],
    ['ToKeyValueString(body)', ['a'], 'expected pcommon.Map but got pcommon.Slice'],
  ]);
  mistakes([['ToKeyValueString({}, "=", "=")', 'must not be the delimiter']]);
});

describe('ParseSeverity', () => {
  const levels = '{"error": [{"range": {"min": 400, "max": 499}}], "info": [{"equals": ["inf"]}, {"range": "2xx"}]}';
  rows([
    [`ParseSeverity(body, ${levels})`, 499n, 'error'],
    [`ParseSeverity(body, ${levels})`, 200n, 'info'],
    [`ParseSeverity(body, ${levels})`, 'inf', 'info'],
  ]);
  failures([
    [`ParseSeverity(body, ${levels})`, 500n, "no matching log level found for value '500'"],
    [`ParseSeverity(body, ${levels})`, '2xx', 'no matching log level found'],
    [`ParseSeverity(body, ${levels})`, 200, 'must be either string or int64, not float64'],
    ['ParseSeverity("a", body)', 'a', 'expected pcommon.Map but got string'],
  ]);
  mistakes([
    ['ParseSeverity("a", {"info": "x"})', 'the criteria of "info" must be a list'],
    ['ParseSeverity("a", {"info": [{"range": {"max": 2}}]})', 'must have a min of type int64'],
    ['ParseSeverity("a", {"info": [{"range": {"min": 1, "max": 2.0}}]})', 'must have a max of type int64'],
    ['ParseSeverity("a", {"info": [{"range": "1xx"}]})', 'must be 2xx, 3xx, 4xx or 5xx'],
  ]);
});

describe('XML that is edited', () => {
  rows([
    ['RemoveXML(body, "/a//b")', '<a><b/><b/><c><b><d/></b></c></a>', '<a><c></c></a>'],
    ['RemoveXML(body, "//@foo")', '<a><b foo="bar"/><c foo="bar"/></a>', '<a><b></b><c></c></a>'],
    ['RemoveXML(body, "//@*[local-name() != \'keep\']")', '<a><b foo="1" keep="2"/></a>', '<a><b keep="2"></b></a>'],
    [
      'RemoveXML(body, "//text()[\'*x*\']")',
      '<?xml version="1.0"?><a>x<![CDATA[<]]></a>',
      '<?xml version="1.0"?><a></a>',
    ],
    [
      'RemoveXML(body, "/Log/Record[./Name/@type=\'archive\']")',
      '<Log><Record><Name type="archive"/></Record><Record/></Log>',
      '<Log><Record></Record></Log>',
    ],
    ['RemoveXML(body, "//*[contains(text(), \'secret\')]")', '<a><b>a secret</b><c>x</c></a>', '<a><c>x</c></a>'],
    ['InsertXML(body, "//a[not(b)]", "<b></b>")', '<a><b>x</b></a><a></a>', '<a><b>x</b></a><a><b></b></a>'],
    ['GetXML(body, "/a/b | //c")', '<a><c/><b>1</b></a>', '<c></c><b>1</b>'],
    ['GetXML(body, "/a[2]")', '<a>1</a><a>2</a>', '<a>2</a>'],
    ['GetXML(body, "//b[last()]")', '<a><b>1</b><b>2</b></a>', '<b>2</b>'],
    [
      'GetXML(body, "//n:b[count(*) = 1]/..")',
      '<a><n:b xmlns:n="u"><c/></n:b></a>',
      '<a><n:b xmlns:n="u"><c></c></n:b></a>',
    ],
    ['GetXML(body, "/a/text()")', '<a><![CDATA[hello]]></a>', 'hello'],
    ['GetXML(body, "//b[@n > 1 and @n < 3]/@n")', '<a><b n="1"/><b n="2"/><b n="3"/></a>', '2'],
    ['GetXML(body, "//b/following-sibling::*[1]")', '<a><b/><c/><d/></a>', '<c></c>'],
    ['GetXML(body, "/a")', "<a>&lt;&#65;&amp;'</a>", '<a>&lt;A&amp;&#39;</a>'],
    ['ConvertAttributesToElementsXML(body)', '<a x="1" y=""/>', '<a><x>1</x><y></y></a>'],
    ['ConvertTextToElementsXML(body)', '<a>\n  <b>x</b>\n</a>', '<a>\n  <b>x</b>\n</a>'],
    ['ConvertTextToElementsXML(body)', '<a>1<b/>2</a>', '<a><value>1</value><b></b><value>2</value></a>'],
  ]);
  failures([
    ['GetXML(body, "/a")', '<a>>>>>>>', 'invalid XML'],
    ['InsertXML(body, "/a/text()", "<b/>")', '<a>foo</a>', 'the XPath selected what is no element: "foo"'],
    ['InsertXML("<a/>", "/", body)', '<b', 'invalid XML'],
    ['InsertXML(body, "//a", Concat(["<b>", body, "</b>"], ""))', '<a/>'.repeat(5000), 'cannot insert'],
    ['RemoveXML(body, "/a")', null, 'expected string but got nil'],
  ]);
  mistakes(
    [
      '/a[',
      '//',
      '/a/nope::b',
      'nope(/a)',
      'contains(/a)',
      '"text"',
      '/a b',
      `${'('.repeat(60)}/a${')'.repeat(60)}`,
    ].map((xpath) => [`GetXML("<a/>", ${JSON.stringify(xpath)})`, 'XPath'] as const),
  );
});

describe('XML that is read', () => {
  rows([
    [
      'ParseXML(body)',
      '<?xml version="1.0"?><!-- c --><n:a xmlns:n="u"> x <b/> y </n:a>',
      map({ tag: 'a', content: 'xy', attributes: map({ n: 'u' }), children: [map({ tag: 'b' })] }),
    ],
    ['ParseSimplifiedXML(body)', '<x><y>1</y><z>2</z></x>', map({ x: map({ y: '1', z: '2' }) })],
    ['ParseSimplifiedXML(body)', '<a><b>1</b><b><![CDATA[2]]></b></a>', map({ a: map({ b: ['1', '2'] }) })],
    ['ParseSimplifiedXML(body)', '<foo>bar <hello>world</hello></foo>', map({ foo: map({ hello: 'world' }) })],
    ['ParseSimplifiedXML(body)', '<a><b><c/></b></a>', map({})],
  ]);
  test.each([
    '<a>',
    '</a>',
    '<a></b>',
    '<a b></a>',
    '<a b=c/>',
    '<a b="<"/>',
    '<a b="x/>',
    '<>',
    '<a>&x;</a>',
    '<a>& b</a>',
    '<a>&#0;</a>',
    '<!-- a',
    '<!-- a -- b -->',
    '<![CDATA[',
    '<?a',
    '<!DOCTYPE',
    '<a>]]></a>',
    '<a'.repeat(10),
    '<a>'.repeat(1001),
  ])('%s is refused', (text) => {
    expect(() => parseXmlTree(text)).toThrow('invalid XML at character');
  });
  test('entities that a document defines are not used', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "<c>&d;</c>">]><a>&b;</a>';
    expect(() => parseXmlTree(bomb)).toThrow('there is no entity &b;');
  });
  test('an XPath that looks at too much ends', () => {
    const document = parseXmlTree(`<a>${'<b>'.repeat(500)}${'</b>'.repeat(500)}</a>`.repeat(4));
    expect(() => compileXPath('//*[//*[//*]]')(document)).toThrow('looks at more than 1000000 nodes');
  });
});

describe('ExtractPatterns and ExtractGrokPatterns', () => {
  rows([
    ['ExtractPatterns(body, "(?P<a>x)|(?P<b>y)")', 'y', map({ a: '', b: 'y' })],
    ['ExtractGrokPatterns(body, "%{NUMBER:n:float} %{BOOL:b:boolean}", true)', '2.5 true', map({ n: 2.5, b: true })],
    ['ExtractGrokPatterns(body, "%{IP}")', '10.0.0.1', map({ IP: '10.0.0.1', IPV4: '10.0.0.1' })],
    ['ExtractGrokPatterns(body, "(?P<a___b>x)(y)?", true)', 'x', map({ 'a.b': 'x' })],
    ['ExtractGrokPatterns(body, "%{INT:n} %{INT:n}", true)', '1 2', map({ n: '2' })],
    ['ExtractGrokPatterns(body, "%{DATA:a}x", true)', 'x', map({})],
    [
      'ExtractGrokPatterns(body, "^%{COMBINEDAPACHELOG}$", true)',
      '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 - "-" "curl/8 (x)"',
      map({
        'source.address': '127.0.0.1',
        'user.name': 'frank',
        timestamp: '10/Oct/2000:13:55:36 -0700',
        'http.request.method': 'GET',
        'url.original': '/a.gif',
        'http.version': '1.0',
        'http.response.status_code': 200n,
        'user_agent.original': 'curl/8 (x)',
      }),
    ],
    [
      'ExtractGrokPatterns(body, "^%{SYSLOG5424LINE}$", true)',
      '<34>1 2003-10-11T22:14:15.003Z my.host su 12 ID47 - it failed',
      map({
        'log.syslog.priority': 34n,
        'system.syslog.version': '1',
        timestamp: '2003-10-11T22:14:15.003Z',
        'host.name': 'my.host',
        'process.command': 'su',
        'process.pid': 12n,
        'event.code': 'ID47',
        message: 'it failed',
      }),
    ],
  ]);
  failures([
    ['ExtractGrokPatterns(body, "%{WORD:n:int}", true)', 'abc', 'cannot make int of "abc" for n'],
    ['ExtractPatterns(body, "(?P<a>x)")', 1n, 'expected string but got int64'],
  ]);
  mistakes([
    ['ExtractGrokPatterns("a", "%{A}", false, ["A=%{A}"])', 'does one refer to itself?'],
    [
      'ExtractGrokPatterns("a", "%{A}", false, ["A=%{B}%{B}%{B}", "B=%{C}%{C}%{C}", "C=%{A}"])',
      'does one refer to itself?',
    ],
    ['ExtractGrokPatterns("a", "%{INT:n:date}")', 'there is no type date'],
    ['ExtractGrokPatterns("a", "%{INT}", false, ["A"])', 'not of the form NAME=pattern'],
    ['ExtractGrokPatterns("a", "%{INT}", false, ["A:B=c"])', 'must not have a colon'],
  ]);
  test.each([
    [
      'IPV6',
      ['::', '::1', '2001:db8::8a2e:370:7334', '::ffff:1.2.3.4', 'fe80::1%eth0', '1:2:3:4:5:6:7:8'],
      ['1:2', ':::', '1::2::3'],
    ],
    ['IPV4', ['0.0.0.0', '255.255.255.255'], ['256.1.1.1', '1.2.3']],
    ['UUID', ['123e4567-e89b-12d3-a456-426614174000'], ['123e4567']],
    ['QUOTEDSTRING', ['"a\\"b"', "'x'", '""'], ['"a', 'a']],
    [
      'TIMESTAMP_ISO8601',
      ['2024-01-02T03:04:05.678Z', '2024-01-02 03:04:05+01:00', '2024-01-02T03:04'],
      ['2024-13-02T03:04'],
    ],
    ['HTTPDATE', ['10/Oct/2000:13:55:36 -0700'], ['10/10/2000']],
    ['MAC', ['00:11:22:aa:bb:cc', '00-11-22-AA-BB-CC', '0011.2233.aabb'], ['00:11']],
    ['LOGLEVEL', ['WARN', 'Info', 'critical'], ['fine']],
    ['SYSLOGTIMESTAMP', ['Oct 11 22:14:15', 'Oct  1 22:14:15'], ['Foo 11 22:14:15']],
    ['EMAILADDRESS', ['a.b@c.de'], ['@c.de']],
    ['INT', ['+1', '-20', '3'], ['1.5', '']],
    ['NUMBER', ['1', '-1.5', '.5'], ['1.', 'a']],
  ])('%s matches what it should', (name, matching, others) => {
    const options = { patterns: DEFAULT_PATTERNS, namedOnly: true };
    const pattern = new GrokPattern(`^%{${name}:x}$`, options);
    expect(matching.map((text) => pattern.extract(text).get('x'))).toEqual(matching);
    expect(others.filter((text) => pattern.extract(text).has('x'))).toEqual([]);
  });
  test('patterns that double at each level are refused before they fill the memory', () => {
    const doubling = new Map<string, string>([['P0', 'x']]);
    for (let level = 1; level < 40; level++) doubling.set(`P${level}`, `%{P${level - 1}}%{P${level - 1}}`);
    const options = { patterns: doubling, namedOnly: true };
    expect(() => new GrokPattern('%{P39}', options)).toThrow('the pattern gets longer than 100000 characters');
  });
});
