import { describe, expect, test } from 'vitest';
import { keyValues, plainAttributes, redact, redactRecord } from './testing/redact.ts';

const on = (...attributes: string[]) => ({ enabled: true, attributes });
const ALL = { allow_all_keys: true };

interface SpanJson {
  readonly name?: string;
  readonly kind?: number;
  readonly attributes?: object;
}

/** What becomes of a span, which is a client's unless something else is said. */
async function redactSpan(settings: object, span: SpanJson) {
  const sent = { kind: 3, ...span, attributes: keyValues(span.attributes ?? {}) };
  const found = (await redact(settings, 'traces', { resourceSpans: [{ scopeSpans: [{ spans: [sent] }] }] })) as {
    resourceSpans: { scopeSpans: { spans: { name?: string; attributes?: [] }[] }[] }[];
  };
  const [after] = found.resourceSpans[0].scopeSpans[0].spans;
  return { name: after.name ?? '', attributes: plainAttributes(after.attributes ?? []) };
}

describe('url_sanitizer', () => {
  const urls = { ...ALL, url_sanitizer: on('http.url', 'url') };
  const uuid = '123e4567-e89b-12d3-a456-426614174000';

  test('takes ids out of the attributes that are listed', async () => {
    const before = { 'http.url': `/users/${uuid}?x=1`, url: '/a/1', other: '/a/1', n: 5 };
    const { attributes } = await redactSpan(urls, { attributes: before });
    expect(attributes).toEqual({ 'http.url': '/users/*', url: '/a/*', other: '/a/1', n: 5 });
  });

  test('takes ids out of bodies of logs, and of texts in them', async () => {
    expect((await redactRecord(urls, { body: `/users/${uuid}` })).body).toBe('/users/*');
    expect((await redactRecord(urls, { body: { a: ['/x/1'], b: 'word' } })).body).toEqual({ a: ['/x/*'], b: 'word' });
  });

  test('comes behind masks, and is mentioned', async () => {
    const settings = { ...urls, blocked_values: ['secret'], summary: 'debug' };
    const { attributes } = await redactRecord(settings, { attributes: { url: '/a/secret', http: '/b/1' } });
    expect(attributes).toEqual({
      url: '/a/*',
      http: '/b/1',
      'redaction.masked.keys': 'url',
      'redaction.masked.count': 1,
    });
  });

  test.each<readonly [settings: object, span: SpanJson, name: string]>([
    [{}, { name: '/payments/12345/detail' }, '/payments/*/detail'],
    [{}, { name: 'GET /users/7', kind: 2 }, 'GET /users/*'],
    [{}, { name: '/users/7', kind: 1 }, '/users/7'],
    [{}, { name: '/users/7', kind: 5 }, '/users/7'],
    [{}, { name: '/7/8' }, '/7/8'],
    [{}, { name: 'users?a=b' }, 'users?a=b'],
    [{}, { name: 'users?a=b', attributes: { 'http.method': 'GET' } }, 'users'],
    [{ allowed_values: ['^/pay'] }, { name: '/payments/1' }, '/payments/1'],
    [{ url_sanitizer: { ...on(), sanitize_span_name: false } }, { name: '/payments/1' }, '/payments/1'],
  ])('with %j, the name of %j becomes %j', async (settings, span, name) => {
    expect((await redactSpan({ ...urls, ...settings }, span)).name).toBe(name);
  });
});

describe('db_sanitizer', () => {
  const databases = {
    sql: on('db.statement'),
    redis: on('db.statement', 'redis.command'),
    valkey: on('db.statement'),
    memcached: on('db.statement'),
    mongo: on('db.statement'),
    opensearch: on('db.statement'),
    es: on('db.statement'),
  };
  const settings = { ...ALL, db_sanitizer: databases };

  test.each([
    ['postgresql', 'SELECT 1', 'SELECT ?'],
    ['MySQL', 'SELECT "a"', 'SELECT ?'],
    ['mariadb', 'SELECT "a"', 'SELECT ?'],
    ['sqlite', 'SELECT "a"', 'SELECT "a"'],
    ['other_sql', "SELECT 'a'", 'SELECT ?'],
    ['redis', 'SET k 1', 'SET k ?'],
    ['valkey', 'SET k 1', 'SET k ?'],
    ['memcached', 'set k 0 0 1\r\n1', 'set k 0 0 1'],
    ['mongodb', '{"a":1}', '{"a":"?"}'],
    ['opensearch', '{"a":1}', '{"a":"?"}'],
    ['elasticsearch', '{"a":1}', '{"a":"?"}'],
    ['cassandra', 'SELECT 1', 'SELECT 1'],
  ])('a statement for %s: %j becomes %j', async (system, before, after) => {
    const given = { 'db.system': system, 'db.statement': before };
    const found = await redactSpan(settings, { attributes: given });
    expect(found.attributes).toEqual({ ...given, 'db.statement': after });
  });

  test('the newer name of the system goes before the older one', async () => {
    const given = { 'db.system': 'redis', 'db.system.name': 'postgresql', 'db.statement': 'SET k 1' };
    const { attributes } = await redactSpan(settings, { attributes: given });
    expect(attributes['db.statement']).toBe('SET k ?');
    expect((await redactSpan(settings, { attributes: { ...given, 'db.statement': 'GET 1' } })).attributes).toEqual({
      ...given,
      'db.statement': 'GET ?',
    });
  });

  test('without a system, spans keep their statements, and logs do not', async () => {
    const attributes = { 'db.statement': "SELECT 'x'", 'redis.command': 'SET k v' };
    expect((await redactSpan(settings, { attributes })).attributes).toEqual(attributes);
    expect((await redactRecord(settings, { attributes })).attributes).toEqual({
      'db.statement': 'SELECT ?',
      'redis.command': 'SET k ?',
    });
  });

  test('bodies of logs go through all databases that are enabled', async () => {
    const sql = { ...ALL, db_sanitizer: { sql: { enabled: true } } };
    expect((await redactRecord(sql, { body: "SELECT 'x', 5" })).body).toBe('SELECT ?, ?');
    const mongo = { ...ALL, db_sanitizer: { mongo: { enabled: true } } };
    expect((await redactRecord(mongo, { body: { q: '{"a":5}', r: 'no json' } })).body).toEqual({
      q: '{"a":"?"}',
      r: 'no json',
    });
  });

  const sql = { 'db.system': 'postgresql' };
  test.each<readonly [change: object, span: SpanJson, name: string]>([
    [{}, { name: 'SELECT * FROM t WHERE id = 5', attributes: sql }, 'SELECT * FROM t WHERE id = ?'],
    [{}, { name: 'SELECT 5', kind: 1, attributes: sql }, 'SELECT ?'],
    [{}, { name: 'SELECT 5', kind: 4, attributes: sql }, 'SELECT 5'],
    [{}, { name: 'SELECT 5' }, 'SELECT 5'],
    [{}, { name: 'SET k v', attributes: { 'db.system.name': 'Redis' } }, 'SET k ?'],
    [{ sanitize_span_name: false }, { name: 'SELECT 5', attributes: sql }, 'SELECT 5'],
  ])('with %j, the name of %j becomes %j', async (change, span, name) => {
    expect((await redactSpan({ ...ALL, db_sanitizer: { ...databases, ...change } }, span)).name).toBe(name);
  });

  test('a name that is no path is looked at as a statement', async () => {
    const both = { ...settings, url_sanitizer: on('url') };
    expect((await redactSpan(both, { name: 'SELECT 5', attributes: sql })).name).toBe('SELECT ?');
  });
});
