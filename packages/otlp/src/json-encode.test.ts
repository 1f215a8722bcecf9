import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonToProto } from './json-decode.ts';
import { protoToJson } from './json-encode.ts';
import collector from './testing/collector-json.json' with { type: 'json' };
import { requests } from './testing/arbitraries.ts';
import { decode, encode } from './testing/oracle.ts';
import type { OracleSignal, Plain } from './testing/oracle.ts';
import { expectedJson, asCarriedByJson } from './testing/otlp-json.ts';
import { rewire } from './testing/rewire.ts';

const SIGNALS: OracleSignal[] = ['logs', 'traces', 'metrics', 'profiles'];
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

describe.each(SIGNALS)('protoToJson for %s', (signal) => {
  it('writes the fields, the order and the defaults of the Collector', () => {
    fc.assert(
      fc.property(requests[signal], (request) => {
        const bytes = encode(signal, request);
        const json = text(protoToJson(signal, bytes));
        expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(expectedJson(signal, decode(signal, bytes))));
      }),
    );
  });

  it('reads every wire form, pieces of one message included, and survives the way back', () => {
    // The inner messages of profiles are not merged: their definition still changes between releases.
    const splitSingular = signal !== 'profiles';
    fc.assert(
      fc.property(requests[signal], fc.nat(), (request, seed) => {
        const bytes = encode(signal, request);
        const odd = rewire(signal, bytes, seed, { chance: 0.3, unknownFields: true, splitSingular });
        const json = protoToJson(signal, odd);
        expect(text(json)).toBe(text(protoToJson(signal, bytes)));
        const back = jsonToProto(signal, json);
        expect(asCarriedByJson(decode(signal, back))).toEqual(asCarriedByJson(decode(signal, bytes)));
        expect(text(protoToJson(signal, back))).toBe(text(json));
      }),
    );
  });
});

describe('the Collector itself', () => {
  it.each(collector.requests.map((each, i) => ({ ...each, i })))(
    'wrote $signal $i as we do',
    ({ signal, protobuf, json }) => {
      const bytes = Uint8Array.from(Buffer.from(protobuf, 'base64'));
      expect(text(protoToJson(signal as OracleSignal, bytes))).toBe(json);
      expect(text(protoToJson(signal as OracleSignal, jsonToProto(signal as OracleSignal, json)))).toBe(json);
    },
  );
});

/** One log record as JSON. */
function logJson(record: Plain): string {
  const json = text(protoToJson('logs', encode('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })));
  return json.slice('{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":['.length, -']}]}]}'.length);
}

describe('the layout', () => {
  it('writes a record as the Collector does', () => {
    const record = {
      eventName: 'e',
      spanId: Uint8Array.from([0xee, 0xe1, 0x9b, 0x7e, 0xc3, 0xc1, 0xb1, 0x74]),
      traceId: Uint8Array.from([
        0x5b, 0x8e, 0xff, 0xf7, 0x98, 0x03, 0x81, 0x03, 0xd2, 0x69, 0xb6, 0x33, 0x81, 0x3f, 0xc6, 0x0c,
      ]),
      attributes: [{ key: 'n', value: { intValue: -1n } }, { key: 'x' }],
      body: { stringValue: 'say "hi"\n\u0001\\' },
      observedTimeUnixNano: 2n ** 64n - 1n,
      timeUnixNano: 1_700_000_000_123_456_789n,
      severityNumber: 9,
      flags: 0,
    };
    expect(logJson(record)).toBe(
      '{"timeUnixNano":"1700000000123456789","observedTimeUnixNano":"18446744073709551615","severityNumber":9,' +
        '"body":{"stringValue":"say \\"hi\\"\\n\\u0001\\\\"},' +
        '"attributes":[{"key":"n","value":{"intValue":"-1"}},{"key":"x","value":{}}],' +
        '"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","eventName":"e"}',
    );
  });

  it('writes an empty request as {}', () => {
    expect(text(protoToJson('logs', new Uint8Array(0)))).toBe('{}');
    expect(text(protoToJson('logs', []))).toBe('{}');
  });

  it('leaves out ids of zeros', () => {
    expect(logJson({ traceId: new Uint8Array(16), spanId: new Uint8Array(8) })).toBe('{"body":{}}');
  });

  it.each<[string, Plain, string]>([
    ['minus zero', { doubleValue: -0 }, '{"doubleValue":-0}'],
    ['NaN', { doubleValue: NaN }, '{"doubleValue":"NaN"}'],
    ['infinity', { doubleValue: -Infinity }, '{"doubleValue":"-Infinity"}'],
    ['a whole double', { doubleValue: 1e15 }, '{"doubleValue":1000000000000000}'],
    ['a large double', { doubleValue: 1e21 }, '{"doubleValue":1e+21}'],
    ['a small double', { doubleValue: 1.5e-9 }, '{"doubleValue":1.5e-09}'],
    ['a smaller double', { doubleValue: -9.9e-10 }, '{"doubleValue":-9.9e-10}'],
    ['the smallest integer', { intValue: -(2n ** 63n) }, '{"intValue":"-9223372036854775808"}'],
    ['the largest integer', { intValue: 2n ** 63n - 1n }, '{"intValue":"9223372036854775807"}'],
    ['no bytes', { bytesValue: new Uint8Array(0) }, '{"bytesValue":""}'],
    ['bytes', { bytesValue: Uint8Array.from([0xfb, 0xff]) }, '{"bytesValue":"+/8="}'],
    ['an empty list', { arrayValue: {} }, '{"arrayValue":{}}'],
    ['an empty map', { kvlistValue: {} }, '{"kvlistValue":{}}'],
    ['false', { boolValue: false }, '{"boolValue":false}'],
    ['no text', { stringValue: '' }, '{"stringValue":""}'],
    ['long text', { stringValue: 'ä"'.repeat(60) }, `{"stringValue":"${'ä\\"'.repeat(60)}"}`],
  ])('writes %s', (_, body, json) => {
    expect(logJson({ body })).toBe(`{"body":${json}}`);
  });
});

it('keeps references of attributes to the strings of profiles, both ways', () => {
  const json =
    '{"resourceProfiles":[{"resource":{"attributes":[' +
    '{"value":{"stringValueStrindex":2},"keyStrindex":1},' +
    '{"key":"list","value":{"arrayValue":{"values":[{"stringValueStrindex":0},{"intValue":"7"}]}}},' +
    '{"value":{"kvlistValue":{"values":[{"value":{"stringValueStrindex":1},"keyStrindex":2}]}},"keyStrindex":3}' +
    ']}}],"dictionary":{"stringTable":["","host.name","h1","map"]}}';
  expect(text(protoToJson('profiles', jsonToProto('profiles', json)))).toBe(json);
  const snakeCase = json.replaceAll('keyStrindex', 'key_strindex').replaceAll('stringValueS', 'string_value_s');
  expect(text(protoToJson('profiles', jsonToProto('profiles', snakeCase)))).toBe(json);
});

it('takes several chunks for their concatenation', () => {
  const one = encode('logs', { resourceLogs: [{ schemaUrl: 'a' }] });
  const two = encode('logs', { resourceLogs: [{ schemaUrl: 'b' }] });
  expect(JSON.parse(text(protoToJson('logs', [one, two])))).toEqual({
    resourceLogs: [
      { resource: {}, schemaUrl: 'a' },
      { resource: {}, schemaUrl: 'b' },
    ],
  });
});

it('throws a coded error on bytes that no validation has seen, and never reads beyond them', () => {
  fc.assert(
    fc.property(requests.metrics, fc.nat(), fc.nat(255), (request, where, byte) => {
      const bytes = encode('metrics', request);
      if (bytes.length > 0) bytes[where % bytes.length] = byte;
      let code = 'none';
      try {
        JSON.parse(text(protoToJson('metrics', bytes)));
      } catch (error) {
        code = (error as { code?: string }).code ?? String(error);
      }
      expect(['none', 'OTLP_WIRE', 'DEPTH', 'WIRE_TYPE_MISMATCH']).toContain(code);
    }),
    { numRuns: 300 },
  );
});
