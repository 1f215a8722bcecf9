import { expect, test } from 'vitest';
import { maskSqlLiterals, type SqlDialect } from './sql-literals.ts';

test.each<readonly [SqlDialect, string, string]>([
  [
    'other',
    "SELECT * FROM users WHERE id = 42 AND name = 'O''Brien'",
    'SELECT * FROM users WHERE id = ? AND name = ??',
  ],
  [
    'other',
    'SELECT a.b1, c FROM t2 WHERE x IN (1, 2.5, -3, 1e10, .5, 0xFF)',
    'SELECT a.b?, c FROM t? WHERE x IN (?, ?, ?, ?, .?, ?)',
  ],
  ['other', "INSERT INTO t (a,b) VALUES ('x', NULL, true, FALSE)", 'INSERT INTO t (a,b) VALUES (?, ?, ?, ?)'],
  [
    'other',
    'UPDATE t SET a=-5, b=?, c=$1, d=:name, e=@p1 WHERE f=@@version1',
    'UPDATE t SET a=-?, b=?, c=?, d=:name, e=@p1 WHERE f=@@version1',
  ],
  ['other', '-- comment 1\nSELECT 1', '-- comment 1\nSELECT ?'],
  [
    'other',
    "SELECT /* c 'x' 5 */ 'a\\'b' FROM \"my table1\".\"col2\"",
    'SELECT /* c \'x\' 5 */ ? FROM "my table?"."col?"',
  ],
  ['mysql', "SELECT /* c 'x' 5 */ 'a\\'b' FROM \"my table1\".\"col2\"", "SELECT /* c 'x' 5 */ ? FROM ?.?"],
  ['other', "SELECT $$secret$$, $tag$ x $tag$, $func$ select 1, 'x' $func$", 'SELECT ?, ?, $func$select ?, ?$func$'],
  ['other', "select col->>'$.a' from x where j @> '{\"a\":1}'", 'select col->>? from x where j @> ?'],
  ['other', "SELECT 'unfinished", 'SELECT ?'],
  ['other', 'SELECT "unfinished', 'SELECT ?'],
  ['other', 'SELECT $a$ unfinished', 'SELECT ?'],
  ['other', "SELECT `a1` FROM `b2` # note 'x' 1", 'SELECT `a?` FROM `b?` # note ? ?'],
  ['mysql', "SELECT `a1` FROM `b2` # note 'x' 1", "SELECT `a?` FROM `b?` # note 'x' 1"],
  ['other', 'SELECT "str 1" FROM x', 'SELECT "str ?" FROM x'],
  ['mysql', 'SELECT "str 1" FROM x', 'SELECT ? FROM x'],
  ['other', 'select null, nullable, true1, true.x, NULL', 'select ?, nullable, true?, ?.x, ?'],
  ['other', "SELECT é1 FROM tablé2 WHERE 'ü' = 1", 'SELECT é? FROM tablé? WHERE ? = ?'],
  ['other', 'x::int4 = 5', 'x::int? = ?'],
  ['other', 'SELECT 1/*unclosed 5', 'SELECT ?/*unclosed 5'],
  ['other', '  select 1;select 2 ', 'select ?;select ?'],
  ['other', "SELECT a FROM b WHERE c LIKE '%x%' ESCAPE '\\'", 'SELECT a FROM b WHERE c LIKE ? ESCAPE ?'],
  ['other', "a - 1, b-1, 'a'||'b', d>=-1", 'a - ?, b?, ?||?, d>=-?'],
])('%s: %j becomes %j', (dialect, statement, masked) => {
  expect(maskSqlLiterals(statement, dialect)).toBe(masked);
});

test('no literal is left of a statement, wherever it was cut', () => {
  const whole = "INSERT INTO t VALUES ('secret', $x$secret$x$, -7.5e-7, 'a\\'secret')";
  for (let end = 0; end <= whole.length; end++) {
    expect(maskSqlLiterals(whole.slice(0, end), 'other')).not.toMatch(/secret|7/);
  }
});

test('long hostile statements take time in proportion to their length', () => {
  for (const part of ["'", '"', '/*', '$a$', '$', "\\'", '1e', '=-', 'a"', '@']) {
    const long = part.repeat(200_000);
    expect(maskSqlLiterals(long, 'other').length).toBeLessThanOrEqual(long.length);
  }
});
