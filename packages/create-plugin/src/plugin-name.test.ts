import { expect, test } from 'vitest';
import { parseName } from './plugin-name.ts';

test.each([
  ['my-thing', 'my_thing', 'my-thing'],
  ['@acme/millrace-geoip', 'geoip', 'millrace-geoip'],
  ['millrace-processor-geo.ip', 'geo_ip', 'millrace-processor-geo.ip'],
  ['geoip-processor', 'geoip', 'geoip-processor'],
  ['receiver-fan', 'receiver_fan', 'receiver-fan'],
  ['a--b_c~', 'a_b_c', 'a--b_c~'],
])('%s is the component %s in the folder %s', (name, type, folder) => {
  expect(parseName(name, 'processor')).toEqual({ packageName: name, type, folder });
});

test('a type that Millrace has is refused for this kind, by its other names too, and free for the others', () => {
  expect(() => parseName('batch', 'processor')).toThrow('is taken by one of');
  expect(() => parseName('otlp-http', 'exporter')).toThrow('is taken by one of');
  expect(parseName('batch', 'exporter').type).toBe('batch');
});
