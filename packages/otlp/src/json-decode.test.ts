import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidMessage } from './invalid-message.ts';
import type { InvalidMessageCode } from './invalid-message.ts';
import { jsonToProto } from './json-decode.ts';
import type { JsonToProtoOptions } from './json-decode.ts';
import { requests } from './testing/arbitraries.ts';
import { decode, encode, normalizePlain } from './testing/oracle.ts';
import type { OracleSignal } from './testing/oracle.ts';
import { sloppyJson } from './testing/otlp-json.ts';
import { randomFrom } from './testing/rewire.ts';
import { validate } from './validate.ts';

const SIGNALS: OracleSignal[] = ['logs', 'traces', 'metrics', 'profiles'];

describe.each(SIGNALS)('jsonToProto for %s', (signal) => {
  it('reads every form of a request exactly, and writes valid canonical bytes', () => {
    fc.assert(
      fc.property(requests[signal], fc.nat(), (request, seed) => {
        const plain = normalizePlain(signal, request);
        const bytes = jsonToProto(signal, sloppyJson(signal, plain, seed));
        expect(decode(signal, bytes)).toEqual(plain);
        expect(validate(signal, bytes)).toEqual(validate(signal, encode(signal, request)));
      }),
    );
  });

  it('survives random mutations: what it accepts is valid, what it refuses has a place', () => {
    let refused = 0;
    let accepted = 0;
    fc.assert(
      fc.property(requests[signal], fc.nat(), (request, seed) => {
        const text = Buffer.from(sloppyJson(signal, normalizePlain(signal, request), seed));
        for (const mutated of mutations(text, seed)) {
          const result = attempt(signal, mutated);
          if (result instanceof InvalidMessage) refused++;
          else accepted++;
          const isFine =
            result instanceof InvalidMessage ? result.offset <= mutated.length : validate(signal, result).canonical;
          expect(isFine).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(50);
    expect(accepted).toBeGreaterThan(50);
  });
});

function attempt(
  signal: OracleSignal,
  bytes: Uint8Array | string,
  options?: JsonToProtoOptions,
): Uint8Array | InvalidMessage {
  try {
    return jsonToProto(signal, bytes, options);
  } catch (error) {
    if (error instanceof InvalidMessage) return error;
    throw error;
  }
}

function* mutations(text: Uint8Array, seed: number): Generator<Uint8Array> {
  const random = randomFrom(seed);
  const index = (): number => Math.floor(random() * text.length);
  const letters = Buffer.from('{}[]",:0-e.\\nutf \u00ff');
  for (let i = 0; i < 5; i++) {
    const changed = Uint8Array.from(text);
    changed[index()] = letters[Math.floor(random() * letters.length)];
    yield changed;
  }
  yield text.slice(0, index());
  const at = index();
  yield Uint8Array.from([...text.subarray(0, at), ...text.subarray(at + 1)]);
}

/** Reads the body of the only log record. */
function body(json: string): unknown {
  const bytes = jsonToProto('logs', `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${json}}]}]}]}`);
  const { resourceLogs } = decode('logs', bytes) as {
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ body?: unknown }] }] }];
  };
  return resourceLogs[0].scopeLogs[0].logRecords[0].body;
}

describe('values', () => {
  it.each<[string, unknown]>([
    ['{"intValue":"9223372036854775807"}', { intValue: 2n ** 63n - 1n }],
    ['{"intValue":-9223372036854775808}', { intValue: -(2n ** 63n) }],
    ['{"intValue":9007199254740993}', { intValue: 2n ** 53n + 1n }],
    ['{"intValue":"-0"}', { intValue: 0n }],
    ['{"intValue":1e3}', { intValue: 1000n }],
    ['{"intValue":2.0}', { intValue: 2n }],
    ['{"intValue":"00012345678901234"}', { intValue: 12_345_678_901_234n }],
    ['{"doubleValue":"NaN"}', { doubleValue: NaN }],
    ['{"doubleValue":"+Inf"}', { doubleValue: Infinity }],
    ['{"doubleValue":"-Infinity"}', { doubleValue: -Infinity }],
    ['{"doubleValue":"1.5"}', { doubleValue: 1.5 }],
    ['{"doubleValue":-0}', { doubleValue: -0 }],
    ['{"bytesValue":"-_8="}', { bytesValue: 'hex:fbff' }],
    ['{"bytesValue":"+/8"}', { bytesValue: 'hex:fbff' }],
    ['{"bytesValue":""}', { bytesValue: 'hex:' }],
    ['{"stringValue":"\\ud83d\\ude00\\/\\u00e9"}', { stringValue: '😀/é' }],
    ['{"stringValue":"\\ud83dx\\ude00"}', { stringValue: '\ufffdx\ufffd' }],
    ['{"stringValue":null}', {}],
    ['null', undefined],
    ['{"arrayValue":{"values":[null,{"boolValue":true}]}}', { arrayValue: { values: [{}, { boolValue: true }] } }],
    ['{"arrayValue":{"values":null}}', { arrayValue: {} }],
    ['{"unknownValue":[[[{"a":1}]]],"intValue":1}', { intValue: 1n }],
  ])('reads %s', (json, expected) => {
    expect(body(json)).toEqual(expected);
  });
});

describe('keys given twice', () => {
  it.each([
    ['{"intValue":1,"stringValue":"x"}', { stringValue: 'x' }],
    ['{"stringValue":"x","stringValue":""}', { stringValue: '' }],
    [
      '{"arrayValue":{"values":[{"intValue":1}]},"arrayValue":{"values":[{"intValue":2}]}}',
      { arrayValue: { values: [{ intValue: 1n }, { intValue: 2n }] } },
    ],
  ])('in %s: the last scalar counts, messages are merged', (json, expected) => {
    expect(body(json)).toEqual(expected);
  });

  it('a default that comes last counts too', () => {
    const bytes = jsonToProto('logs', '{"resourceLogs":[{"schemaUrl":"a","schema_url":"","resource":{"x":1}}]}');
    expect(decode('logs', bytes)).toEqual({ resourceLogs: [{ resource: {} }] });
    expect(validate('logs', bytes).canonical).toBe(true);
  });

  it('lists are continued', () => {
    const bytes = jsonToProto('logs', '{"resourceLogs":[{"schemaUrl":"a"}],"resourceLogs":[{"schemaUrl":"b"}]}');
    expect(decode('logs', bytes)).toEqual({ resourceLogs: [{ schemaUrl: 'a' }, { schemaUrl: 'b' }] });
  });
});

it('reads text, bytes and shared memory alike', () => {
  const text = '{ "resourceLogs" : [ {"schemaUrl":"日本"} ] }\n';
  const bytes = new TextEncoder().encode(text);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const expected = encode('logs', { resourceLogs: [{ schemaUrl: '日本' }] });
  expect(jsonToProto('logs', text)).toEqual(expected);
  expect(jsonToProto('logs', bytes)).toEqual(expected);
  expect(jsonToProto('logs', shared)).toEqual(expected);
});

it('reads an empty object as an empty request', () => {
  expect(jsonToProto('traces', ' {} ')).toEqual(new Uint8Array(0));
});

describe('each rule refuses with code, position and path', () => {
  const record = (json: string): string => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[\n  ${json}]}]}]}`;
  const path = 'resourceLogs[0].scopeLogs[0].logRecords[0]';

  it.each<[string, InvalidMessageCode, number, string, RegExp]>([
    ['{"severityNumber":"SEVERITY_NUMBER_INFO"}', 'JSON_VALUE', 21, `${path}.severityNumber`, /names are not valid/],
    ['{"timeUnixNano":"18446744073709551616"}', 'JSON_VALUE', 20, `${path}.timeUnixNano`, /out of its range/],
    ['{"timeUnixNano":-1}', 'JSON_VALUE', 19, `${path}.timeUnixNano`, /out of its range/],
    ['{"timeUnixNano":1.5}', 'JSON_VALUE', 19, `${path}.timeUnixNano`, /whole number.*found "1.5"/],
    ['{"timeUnixNano":"soon"}', 'JSON_VALUE', 20, `${path}.timeUnixNano`, /whole number/],
    ['{"timeUnixNano":""}', 'JSON_VALUE', 20, `${path}.timeUnixNano`, /whole number/],
    ['{"timeUnixNano":01}', 'JSON_VALUE', 19, `${path}.timeUnixNano`, /whole number/],
    ['{"timeUnixNano":true}', 'JSON_VALUE', 19, `${path}.timeUnixNano`, /found a boolean/],
    ['{"flags":4294967296}', 'JSON_VALUE', 12, `${path}.flags`, /out of its range/],
    ['{"severityNumber":2147483648}', 'JSON_VALUE', 21, `${path}.severityNumber`, /out of its range/],
    ['{"severityText":1}', 'JSON_VALUE', 19, `${path}.severityText`, /expected a string, found a number/],
    ['{"traceId":"5b8e"}', 'ID_LENGTH', 15, `${path}.traceId`, /expected 32 hexadecimal digits.*found 4/],
    [`{"spanId":"${'zz'.repeat(8)}"}`, 'JSON_VALUE', 14, `${path}.spanId`, /hexadecimal/],
    ['{"body":{"bytesValue":"?"}}', 'JSON_VALUE', 26, `${path}.body.bytesValue`, /base64/],
    ['{"body":{"bytesValue":"abcde"}}', 'JSON_VALUE', 26, `${path}.body.bytesValue`, /base64/],
    ['{"body":{"boolValue":"true"}}', 'JSON_VALUE', 24, `${path}.body.boolValue`, /expected true or false/],
    ['{"body":{"doubleValue":"abc"}}', 'JSON_VALUE', 27, `${path}.body.doubleValue`, /expected a number/],
    ['{"body":{"doubleValue":1e999}}', 'JSON_VALUE', 26, `${path}.body.doubleValue`, /expected a number/],
    ['{"body":[]}', 'JSON_VALUE', 11, `${path}.body`, /expected an object, found a list/],
    ['{"attributes":{}}', 'JSON_VALUE', 17, `${path}.attributes`, /expected a list, found an object/],
    ['{"attributes":[{"key":"a"},7]}', 'JSON_VALUE', 30, `${path}.attributes[1]`, /expected an object, found a number/],
    ['{"flags":1,}', 'JSON_SYNTAX', 14, path, /expected a key/],
    ['{"flags" 1}', 'JSON_VALUE', 12, path, /expected ":"/],
    ['{flags:1}', 'JSON_VALUE', 4, path, /expected a key/],
    ['{"x":nul}', 'JSON_SYNTAX', 8, path, /expected null/],
    ['{"x":1.}', 'JSON_SYNTAX', 8, path, /not a number/],
    ['{"severityText":"a\u0001"}', 'JSON_SYNTAX', 21, `${path}.severityText`, /control character/],
    ['{"severityText":"\\x"}', 'JSON_SYNTAX', 20, `${path}.severityText`, /bad escape/],
    ['{"severityText":"\\u12"}', 'JSON_SYNTAX', 20, `${path}.severityText`, /bad escape/],
  ])('%s', (json, code, column, where, message) => {
    const error = attempt('logs', record(json)) as InvalidMessage;
    expect(error).toBeInstanceOf(InvalidMessage);
    expect({ code: error.code, line: error.line, column: error.column, path: error.path }).toEqual({
      code,
      line: 2,
      column,
      path: where,
    });
    expect(error.message).toMatch(message);
  });

  it.each<[string, InvalidMessageCode]>([
    ['', 'JSON_SYNTAX'],
    ['[]', 'JSON_VALUE'],
    ['{', 'JSON_SYNTAX'],
    ['{"resourceLogs":[{"schemaUrl":"a', 'JSON_SYNTAX'],
    ['{} x', 'JSON_SYNTAX'],
    ['{}\u0000', 'JSON_SYNTAX'],
    [`{"x":${'['.repeat(100_000)}`, 'DEPTH'],
    [`{"resourceLogs":[{"resource":{"attributes":[{"value":${'{"arrayValue":{"values":['.repeat(50_000)}`, 'DEPTH'],
  ])('the whole text %.40s', (json, code) => {
    expect((attempt('logs', json) as InvalidMessage).code).toBe(code);
  });

  it('text that is not UTF-8', () => {
    const error = attempt('logs', Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d])) as InvalidMessage;
    expect([error.code, error.offset]).toEqual(['UTF8', 2]);
  });

  it('a result that is larger than allowed', () => {
    const bounds = Array.from({ length: 1000 }, () => '1').join(',');
    const json = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"explicitBounds":[${bounds}]}]}}]}]}]}`;
    expect(attempt('metrics', json, { bytesMax: 10_000 })).toBeInstanceOf(Uint8Array);
    expect((attempt('metrics', json, { bytesMax: 5000 }) as InvalidMessage).code).toBe('SIZE');
  });
});
