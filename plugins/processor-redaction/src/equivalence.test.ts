import * as fc from 'fast-check';
import { LogsBatch, jsonToProto, protoToJson } from '@millrace/otlp';
import { expect, test } from 'vitest';
import { Redactor } from './redactor.ts';
import type { RedactionSettings } from './redaction-settings.ts';
import { anyValue, keyValues } from './testing/redact.ts';

const OFF = { enabled: false, attributes: [] };
const DEFAULTS: RedactionSettings = {
  allow_all_keys: false,
  allowed_keys: [],
  ignored_keys: [],
  ignored_key_patterns: [],
  blocked_key_patterns: [],
  blocked_values: [],
  allowed_values: [],
  redact_all_types: false,
  hash_function: '',
  hmac_key: '',
  summary: 'silent',
  url_sanitizer: { ...OFF, sanitize_span_name: true },
  db_sanitizer: {
    sql: OFF,
    redis: OFF,
    valkey: OFF,
    memcached: OFF,
    mongo: OFF,
    opensearch: OFF,
    es: OFF,
    sanitize_span_name: true,
  },
};

const key = fc.constantFrom('a', 'b', 'ab', 'c', 'token');
const keys = fc.uniqueArray(key, { maxLength: 3 });
const keyPatterns = fc.array(fc.constantFrom('^a', 'b$', 'tok', 'x'), { maxLength: 2 });
const patterns = fc.array(fc.constantFrom('1', '[ab]+', '^2', '-$', 'true'), { maxLength: 3 });
const settings = fc.record({
  allow_all_keys: fc.boolean(),
  allowed_keys: keys,
  ignored_keys: keys,
  ignored_key_patterns: keyPatterns,
  blocked_key_patterns: keyPatterns,
  blocked_values: patterns,
  allowed_values: fc.array(fc.constantFrom('^1', 'c'), { maxLength: 1 }),
  redact_all_types: fc.boolean(),
  summary: fc.constantFrom('debug' as const, 'info' as const, 'silent' as const),
});
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '2', '-', 'é'), maxLength: 6 });
const scalar = fc.oneof(text, fc.boolean(), fc.nat(300));
const map = fc.dictionary(key, scalar, { maxKeys: 4, noNullPrototype: true });
const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }), map);
const attributes = fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true });
const bodyOf = fc.oneof(scalar, fc.array(fc.oneof(scalar, map), { maxLength: 3 }), attributes);

type Settings = Partial<RedactionSettings>;
type Groups = Record<'redacted' | 'masked' | 'allowed' | 'ignored', string[]>;

const some = (list: readonly string[] | undefined, subject: string) =>
  (list ?? []).some((pattern) => new RegExp(pattern).test(subject));

function classOf(given: Settings, name: string): string {
  if (given.ignored_keys?.includes(name) || some(given.ignored_key_patterns, name)) return 'ignored';
  if (given.allow_all_keys !== true && given.allowed_keys?.includes(name) !== true) return 'redacted';
  return some(given.blocked_key_patterns, name) ? 'masked' : 'checked';
}

const masked = (given: Settings, subject: string) =>
  (given.blocked_values ?? []).reduce((now, pattern) => now.replaceAll(new RegExp(pattern, 'g'), '****'), subject);

function asText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (typeof content !== 'object' || Array.isArray(content)) return JSON.stringify(content);
  return JSON.stringify(Object.fromEntries(Object.entries(content as object).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

function summaryOf(given: Settings, prefix: string, groups: Groups): object {
  const out: Record<string, unknown> = {};
  if (given.summary === 'silent') return out;
  for (const [group, names] of Object.entries(groups)) {
    if (names.length === 0) continue;
    if (given.summary === 'debug' && group !== 'ignored') out[`${prefix}.${group}.keys`] = names.toSorted().join(',');
    out[`${prefix}.${group}.count`] = names.length;
  }
  return out;
}

const noGroups = (): Groups => ({ redacted: [], masked: [], allowed: [], ignored: [] });

/** The same on plain objects, as one would write it without wire views. */
function naiveAttributes(given: Settings, before: object): object {
  const groups = noGroups();
  const out: Record<string, unknown> = {};
  for (const [name, content] of Object.entries(before) as [string, unknown][]) {
    const group = classOf(given, name);
    if (group === 'redacted') groups.redacted.push(name);
    else out[name] = content;
    if (group === 'ignored') groups.ignored.push(name);
    if (group === 'redacted' || group === 'ignored') continue;
    const subject = typeof content === 'string' ? content : given.redact_all_types === true ? asText(content) : '';
    const after = group === 'masked' ? '****' : masked(given, subject);
    if (some(given.allowed_values, subject)) groups.allowed.push(name);
    else if (group === 'masked' || after !== subject) {
      groups.masked.push(name);
      out[name] = after;
    }
  }
  return { ...out, ...summaryOf(given, 'redaction', groups) };
}

function naiveBody(given: Settings, content: unknown, path: string, groups: Groups): unknown {
  const prefix = path === '' ? '' : `${path}.`;
  if (Array.isArray(content)) {
    return content.map((each, index) => naiveBody(given, each, `${prefix}[${index}]`, groups));
  }
  if (typeof content === 'object') {
    const out: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(content as object) as [string, unknown][]) {
      const group = classOf(given, name);
      if (group !== 'checked') groups[group as keyof Groups].push(prefix + name);
      if (group === 'ignored') out[name] = inner;
      else if (group === 'masked') out[name] = '****';
      else if (group === 'checked') out[name] = naiveBody(given, inner, prefix + name, groups);
    }
    return out;
  }
  const subject = asText(content);
  if (some(given.allowed_values, subject)) {
    if (path !== '') groups.allowed.push(path);
    return content;
  }
  const after = masked(given, subject);
  if (after === subject) return content;
  groups.masked.push(path === '' ? 'body' : path);
  return after;
}

test('redacts what it redacts in decoded objects, and leaves other bytes alone', () => {
  const property = fc.property(settings, fc.array(fc.tuple(attributes, bodyOf), { maxLength: 4 }), (given, records) => {
    const request = (list: readonly (readonly [object, unknown])[]) =>
      jsonToProto(
        'logs',
        JSON.stringify({
          resourceLogs: [
            {
              scopeLogs: [
                { logRecords: list.map(([each, body]) => ({ attributes: keyValues(each), body: anyValue(body) })) },
              ],
            },
          ],
        }),
      );
    const before = request(records);
    const batch = LogsBatch.of([before]);
    new Redactor({ ...DEFAULTS, ...given }).logs(batch);
    const expected = request(
      records.map(([each, body]) => {
        const groups = noGroups();
        const after = naiveBody(given, body, '', groups);
        return [{ ...naiveAttributes(given, each), ...summaryOf(given, 'redaction.body', groups) }, after];
      }),
    );
    const json = (bytes: Uint8Array) => JSON.parse(Buffer.from(protoToJson('logs', bytes)).toString()) as unknown;
    expect(json(batch.toBytes())).toEqual(json(expected));
    if (Buffer.compare(before, expected) === 0) expect(batch.chunks[0]).toBe(before);
  });
  fc.assert(property, { numRuns: 500 });
});
