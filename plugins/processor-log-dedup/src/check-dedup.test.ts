import { expect, test } from 'vitest';
import { checkDedup } from './check-dedup.ts';
import type { DedupSettings } from './dedup-settings.ts';
import { ZonedTime } from './zoned-time.ts';

const settings = (more: Partial<DedupSettings>): DedupSettings => ({
  interval: 1,
  log_count_attribute: 'n',
  timezone: 'UTC',
  conditions: [],
  include_fields: [],
  exclude_fields: [],
  metadata_keys: [],
  metadata_cardinality_limit: 0,
  max_acknowledge_delay: 1,
  max_held_bytes: 1,
  ...more,
});

test.each<readonly [Partial<DedupSettings>, string]>([
  [{ interval: 0 }, 'interval: is not more than 0'],
  [{ timezone: 'Mars/Olympus' }, 'timezone: there is no time zone "Mars/Olympus"'],
  [{ timezone: '+02:00' }, 'timezone: there is no time zone "+02:00"'],
  [{ exclude_fields: ['body'] }, 'exclude_fields.0: "body" is not a field in the body'],
  [{ include_fields: ['body'] }, 'include_fields.0: "body" is not a field in the body'],
  [{ include_fields: ['attributes'] }, 'include_fields.0: "attributes" is not a field in the attributes'],
  [{ include_fields: ['severity'] }, 'include_fields.0: "severity" is no field of a record'],
  [{ exclude_fields: ['body.a', 'body.a'] }, 'exclude_fields.1: "body.a" is there twice'],
  [{ include_fields: ['body.a'], exclude_fields: ['body.b'] }, 'exclude_fields: cannot be used together'],
  [{ metadata_keys: ['a', 'A'] }, 'metadata_keys.1: "a" is there twice'],
  [{ conditions: ['true', 'severity_numbr == 1'] }, 'conditions.1: at column 1: '],
])('%j is refused', (more, expected) => {
  const [fault] = checkDedup(settings(more));
  expect(`${fault?.path.join('.')}: ${fault?.message}`).toContain(expected);
});

test('what is right is right', () => {
  const conditions = ['severity_number < 9', 'resource.attributes["a"] == "b"'];
  expect(checkDedup(settings({ conditions, exclude_fields: ['attributes', 'body.a\\.b.c'], timezone: '' }))).toEqual(
    [],
  );
});

test.each([
  ['UTC', Date.UTC(2024, 0, 1, 0, 0, 0), '2024-01-01T00:00:00Z'],
  ['', 1_999, '1970-01-01T00:00:01Z'],
  ['Europe/Vienna', Date.UTC(2024, 6, 1, 22, 30), '2024-07-02T00:30:00+02:00'],
  ['Europe/London', Date.UTC(2024, 0, 1, 12), '2024-01-01T12:00:00Z'],
  ['Asia/Kolkata', Date.UTC(2024, 0, 1, 12), '2024-01-01T17:30:00+05:30'],
])('in %s, %d is %s', (zone, time, expected) => {
  expect(new ZonedTime(zone).textOf(time)).toBe(expected);
});
