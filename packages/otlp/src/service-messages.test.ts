import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidMessage } from './invalid-message.ts';
import {
  decodeResponse,
  decodeResponseJson,
  decodeStatus,
  decodeStatusJson,
  encodeResponse,
  encodeResponseJson,
  encodeStatus,
  encodeStatusJson,
} from './service-messages.ts';
import { decode, encode } from './testing/oracle.ts';
import { rewire } from './testing/rewire.ts';

const RESPONSES = [
  ['logs', 'ExportLogsServiceResponse', 'rejectedLogRecords'],
  ['traces', 'ExportTraceServiceResponse', 'rejectedSpans'],
  ['metrics', 'ExportMetricsServiceResponse', 'rejectedDataPoints'],
  ['profiles', 'ExportProfilesServiceResponse', 'rejectedProfiles'],
] as const;

describe.each(RESPONSES)('the response for %s', (signal, name, key) => {
  it('says how many were rejected and why, as protobufjs reads it', () => {
    expect(decode(name, encodeResponse({ rejected: 3, message: 'zu groß' }))).toEqual({
      partialSuccess: { [key]: 3n, errorMessage: 'zu groß' },
    });
  });

  it('is read from what protobufjs writes, in any wire form', () => {
    const whole = encode(name, { partialSuccess: { [key]: 300n, errorMessage: 'no' } });
    for (let seed = 0; seed < 50; seed++) {
      const bytes = rewire(name, whole, seed, { chance: 0.5, unknownFields: true, splitSingular: true });
      expect(decodeResponse(bytes)).toEqual({ rejected: 300, message: 'no' });
    }
  });

  it('has a JSON form', () => {
    expect(encodeResponseJson(signal)).toBe('{"partialSuccess":{}}');
    const json = encodeResponseJson(signal, { rejected: 3, message: '"no"' });
    expect(JSON.parse(json)).toEqual({ partialSuccess: { [key]: '3', errorMessage: '"no"' } });
    expect(decodeResponseJson(signal, json)).toEqual({ rejected: 3, message: '"no"' });
    expect(decodeResponseJson(signal, `{"partialSuccess":{"${key}":7}}`)).toEqual({ rejected: 7, message: '' });
  });

  it.each(['{}', '{"partialSuccess":null}', '{"partialSuccess":{}}'])('reads %s as full success', (json) => {
    expect(decodeResponseJson(signal, Buffer.from(json))).toBeUndefined();
  });
});

it('full success takes no bytes, and an empty partial success is one', () => {
  expect(encodeResponse()).toEqual(new Uint8Array(0));
  expect(decodeResponse(new Uint8Array(0))).toBeUndefined();
  expect(decodeResponse(encodeResponse({ rejected: 0, message: '' }))).toBeUndefined();
  expect(decodeResponse(encodeResponse({ rejected: 0, message: 'careful' }))).toEqual({
    rejected: 0,
    message: 'careful',
  });
});

describe('google.rpc.Status', () => {
  it('is written as protobufjs reads it', () => {
    const status = decode('RpcStatus', encodeStatus({ code: 14, message: 'full', retryDelayMs: 1500 }));
    const [any] = status.details as [{ typeUrl: string; value: string }];
    expect(status).toMatchObject({ code: 14, message: 'full' });
    expect(any.typeUrl).toBe('type.googleapis.com/google.rpc.RetryInfo');
    const retryInfo = Uint8Array.from(Buffer.from(any.value.slice('hex:'.length), 'hex'));
    expect(decode('RetryInfo', retryInfo)).toEqual({ retryDelay: { seconds: 1n, nanos: 500_000_000 } });
  });

  it('is read from what protobufjs writes; other details are ignored', () => {
    const value = encode('RetryInfo', { retryDelay: { seconds: 2n, nanos: 250_000_000 } });
    const details = [
      { typeUrl: 'type.googleapis.com/google.rpc.DebugInfo', value: Uint8Array.of(9) },
      { typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value },
    ];
    const bytes = encode('RpcStatus', { code: 8, message: 'slow down', details });
    expect(decodeStatus(bytes)).toEqual({ code: 8, message: 'slow down', retryDelayMs: 2250 });
  });

  const statuses = fc.record(
    { code: fc.nat(16), message: fc.string(), retryDelayMs: fc.oneof(fc.nat(100_000_000), fc.constant(0.5)) },
    { requiredKeys: ['code', 'message'] },
  );

  it('comes back from both forms', () => {
    fc.assert(
      fc.property(statuses, (status) => {
        expect(decodeStatus(encodeStatus(status))).toEqual(status);
        expect(decodeStatusJson(encodeStatusJson(status))).toEqual(status);
      }),
    );
  });

  it.each([
    [1000, '"1s"'],
    [1500, '"1.500s"'],
    [0.25, '"0.000250s"'],
    [0.000001, '"0.000000001s"'],
  ])('writes %d ms as %s', (retryDelayMs, text) => {
    expect(encodeStatusJson({ code: 14, message: '', retryDelayMs })).toContain(`"retryDelay":${text}`);
  });

  it.each(['', 'null', '[]', '{'])('refuses %j as JSON', (json) => {
    expect(() => decodeStatusJson(json)).toThrow(InvalidMessage);
  });

  it('takes fields of a wrong type for absent', () => {
    expect(
      decodeStatusJson('{"code":"x","message":1,"details":[null,{"@type":1},{"@type":"a/google.rpc.RetryInfo"}]}'),
    ).toEqual({ code: 0, message: '' });
  });

  it('refuses broken bytes with a coded error', () => {
    expect(() => decodeStatus(Uint8Array.of(0x12, 5, 1))).toThrow(expect.objectContaining({ code: 'OTLP_WIRE' }));
    expect(() => decodeResponse(Uint8Array.of(0x0a, 5, 1))).toThrow(expect.objectContaining({ code: 'OTLP_WIRE' }));
  });
});
