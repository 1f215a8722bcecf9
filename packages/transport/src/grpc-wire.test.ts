import fc from 'fast-check';
import { parse } from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { MessageReader, frameMessage, messagePrefix } from './grpc-frames.ts';
import { decodeMessage, encodeMessage } from './grpc-status.ts';
import { formatTimeout, parseTimeout } from './grpc-timeout.ts';
import { decodeRpcStatus, encodeRpcStatus, retryDelayMs, retryInfoDetail } from './rpc-status.ts';

describe('messages', () => {
  it('come out as they went in, however the bytes are cut', () => {
    const message = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(60), { maxLength: 30 }), (messages, cuts) => {
        const bytes = Buffer.concat(messages.map((each) => frameMessage(each)));
        const found: { length: number; bytes: number[] }[] = [];
        const reader = new MessageReader({
          begin: (length) => found.push({ length, bytes: [] }),
          append: (chunk) => found.at(-1)?.bytes.push(...chunk),
        });
        let at = 0;
        for (const cut of cuts) {
          reader.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        reader.push(bytes.subarray(at));
        expect(reader.isInside).toBe(false);
        expect(found).toEqual(messages.map((each) => ({ length: each.length, bytes: [...each] })));
      }),
    );
  });

  it('longer than 2 GiB are announced as such', () => {
    const lengths: number[] = [];
    const reader = new MessageReader({ begin: (length) => lengths.push(length), append: () => undefined });
    reader.push(messagePrefix(0xffff_fff0, true));
    expect(lengths).toEqual([0xffff_fff0]);
  });
});

describe('grpc-message', () => {
  it('carries any text in printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = encodeMessage(text);
        expect(encoded).toMatch(/^[ -~]*$/);
        expect(decodeMessage(encoded)).toBe(text);
      }),
    );
  });

  it.each([
    ['100 %', '100 %25'],
    ['naïve\n', 'na%C3%AFve%0A'],
    ['plain', 'plain'],
  ])('%j is written %s', (text, encoded) => {
    expect(encodeMessage(text)).toBe(encoded);
  });

  it('with broken escapes stays readable', () => {
    expect(decodeMessage('50% of %zz and %41%')).toBe('50% of %zz and A%');
  });
});

describe('grpc-timeout', () => {
  it('is never shorter than asked for, and at most a thousandth longer', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e13, noNaN: true }), (timeoutMs) => {
        const text = formatTimeout(timeoutMs);
        expect(text).toMatch(/^\d{1,8}[HMSmun]$/);
        const parsed = parseTimeout(text) ?? Number.NaN;
        expect(parsed).toBeGreaterThanOrEqual(timeoutMs * (1 - 1e-9));
        expect(parsed).toBeLessThanOrEqual(timeoutMs * 1.001 + 0.001);
      }),
    );
  });

  it.each(['', '5', 'm', '123456789m', '-1m', '1.5S', '1s', '1 m'])('%j is malformed', (text) => {
    expect(parseTimeout(text)).toBeUndefined();
  });

  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3000],
    ['4m', 4],
    ['5u', 0.005],
    ['6n', 0.000006],
  ])('%s is %d ms', (text, timeoutMs) => {
    expect(parseTimeout(text)).toBeCloseTo(timeoutMs, 9);
  });
});

describe('google.rpc.Status', () => {
  const { root } = parse(`syntax = "proto3";
    message Any { string type_url = 1; bytes value = 2; }
    message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
    message Duration { int64 seconds = 1; int32 nanos = 2; }
    message RetryInfo { Duration retry_delay = 1; }`);
  const type = root.lookupType('Status');
  const status = fc.record({
    code: fc.nat(16),
    message: fc.string({ unit: 'binary' }),
    details: fc.array(fc.record({ typeUrl: fc.string(), value: fc.uint8Array({ maxLength: 200 }) }), { maxLength: 3 }),
  });

  it('is read by protobufjs as it was written, and the other way round', () => {
    fc.assert(
      fc.property(status, (value) => {
        const theirs = type.toObject(type.decode(encodeRpcStatus(value)), { defaults: true, bytes: Array });
        expect(theirs).toEqual({
          ...value,
          details: value.details.map((each) => ({ ...each, value: [...each.value] })),
        });
        const ours = decodeRpcStatus(type.encode(type.fromObject(value)).finish());
        expect(ours?.details.map((each) => [...each.value])).toEqual(value.details.map((each) => [...each.value]));
        expect([ours?.code, ours?.message]).toEqual([value.code, value.message]);
      }),
    );
  });

  it('RetryInfo keeps its delay to the microsecond, and protobufjs agrees', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (delayMs) => {
        const detail = retryInfoDetail(delayMs);
        expect(retryDelayMs({ code: 8, message: '', details: [detail] })).toBeCloseTo(delayMs, 3);
        const theirs = root
          .lookupType('RetryInfo')
          .toObject(root.lookupType('RetryInfo').decode(detail.value), { longs: Number });
        const { seconds = 0, nanos = 0 } = (theirs['retryDelay'] ?? {}) as { seconds?: number; nanos?: number };
        expect(seconds * 1000 + nanos / 1e6).toBeCloseTo(delayMs, 3);
      }),
    );
  });

  it('arbitrary bytes never throw or loop', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const decoded = decodeRpcStatus(bytes);
        expect(decoded === undefined || typeof retryDelayMs(decoded) !== 'string').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
