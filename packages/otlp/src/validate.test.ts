import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspect } from './inspect.ts';
import type { Inspection } from './inspect.ts';
import { InvalidMessage } from './invalid-message.ts';
import type { InvalidMessageCode } from './invalid-message.ts';
import { requests } from './testing/arbitraries.ts';
import { decode, encode } from './testing/oracle.ts';
import type { OracleSignal, Plain, PlainValue } from './testing/oracle.ts';
import { randomFrom, rewire } from './testing/rewire.ts';
import { DEPTH_MAX, validate } from './validate.ts';

const SIGNALS: OracleSignal[] = ['logs', 'traces', 'metrics', 'profiles'];
const STRICT_SIGNALS = ['logs', 'traces', 'metrics'] as const;

function failure(run: () => unknown): InvalidMessage {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidMessage) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Counts the elements of every list that `keys` names, wherever it stands. */
function countItems(value: PlainValue, keys: readonly string[]): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + countItems(each, keys), 0);
  if (typeof value !== 'object' || value instanceof Uint8Array) return 0;
  return Object.entries(value).reduce(
    (sum, [key, child]) => sum + (keys.includes(key) ? (child as PlainValue[]).length : countItems(child, keys)),
    0,
  );
}

const ITEM_KEYS: Record<OracleSignal, string[]> = {
  logs: ['logRecords'],
  traces: ['spans'],
  metrics: ['dataPoints'],
  profiles: ['samples'],
};

describe.each(SIGNALS)('validate %s', (signal) => {
  it('accepts whatever protobufjs writes, finds it canonical, and counts its items', () => {
    fc.assert(
      fc.property(requests[signal], (request) => {
        const bytes = encode(signal, request);
        expect(validate(signal, bytes)).toEqual({
          items: countItems(request, ITEM_KEYS[signal]),
          canonical: true,
        });
      }),
    );
  });

  it('accepts every other wire form of a valid request', () => {
    const settings = { chance: 0.3, unknownFields: true, splitSingular: true };
    fc.assert(
      fc.property(requests[signal], fc.nat(), (request, seed) => {
        const bytes = rewire(signal, encode(signal, request), seed, settings);
        expect(validate(signal, bytes)).toEqual(inspect(signal, bytes, DEPTH_MAX));
      }),
    );
  });

  it('gives the same answer over shared memory', () => {
    fc.assert(
      fc.property(requests[signal], (request) => {
        const bytes = encode(signal, request);
        const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
        shared.set(bytes);
        expect(validate(signal, shared)).toEqual(validate(signal, bytes));
      }),
      { numRuns: 20 },
    );
  });

  it('survives random mutations: what it accepts decodes, what it refuses has a place within the input', () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(requests[signal], fc.nat(), (request, seed) => {
        for (const bytes of mutations(encode(signal, request), seed)) {
          const error = outcome(() => validate(signal, bytes));
          expect(outcome(() => inspect(signal, bytes, DEPTH_MAX)) === undefined).toBe(error === undefined);
          expect(error === undefined || (error.offset >= 0 && error.offset <= bytes.length)).toBe(true);
          if (error === undefined) {
            accepted++;
            if (signal !== 'profiles') decode(signal, bytes);
          } else {
            refused++;
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
  });
});

it('gives the answer of the tables for arbitrary nesting limits and mutations of every wire form', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...STRICT_SIGNALS), fc.nat(), fc.nat({ max: 12 }), (signal, seed, depthMax) => {
      const [request] = fc.sample(requests[signal], { numRuns: 1, seed });
      const settings = { chance: 0.3, unknownFields: true, splitSingular: true };
      const bytes = rewire(signal, encode(signal, request), seed, settings);
      for (const mutated of [bytes, ...mutations(bytes, seed)]) {
        const expected = answer(() => inspect(signal, mutated, depthMax));
        expect(answer(() => validate(signal, mutated, { depthMax }))).toEqual(expected);
        if ('code' in expected) refused++;
      }
    }),
    { numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(500);
});

describe('text', () => {
  const accepts = (text: Uint8Array): boolean => {
    const record = [0x1a, ...lengthOf(text.length), ...text];
    const scope = [0x12, ...lengthOf(record.length), ...record];
    const resource = [0x12, ...lengthOf(scope.length), ...scope];
    const request = Uint8Array.from([0x0a, ...lengthOf(resource.length), ...resource]);
    const found = answer(() => validate('logs', request));
    if ('code' in found) expect(found.code).toBe('UTF8');
    return !('code' in found);
  };

  it('of every two bytes is accepted exactly if it is UTF-8', () => {
    const wrong: number[] = [];
    for (let pair = 0; pair < 65_536; pair++) {
      const text = Uint8Array.of(pair >> 8, pair & 0xff);
      if (accepts(text) !== isUtf8(text)) wrong.push(pair);
    }
    expect(wrong).toEqual([]);
  });

  it('with any edge of a sequence at any place is accepted exactly if it is UTF-8', () => {
    const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf];
    const firsts = [0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff];
    const byte = fc.constantFrom(...edges, ...firsts);
    const whole = fc
      .constantFrom('a', 'é', '€', '\ud7ff', '\ue000', '\u{10000}', '\u{10ffff}')
      .map((text) => [...Buffer.from(text)]);
    const piece = fc.oneof({ weight: 8, arbitrary: whole }, { weight: 1, arbitrary: fc.array(byte, { maxLength: 4 }) });
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.nat({ max: 140 }),
        fc.array(piece, { maxLength: 16 }),
        fc.nat({ max: 40 }),
        (before, pieces, after) => {
          const text = Uint8Array.from([...Buffer.alloc(before, 'a'), ...pieces.flat(), ...Buffer.alloc(after, 'z')]);
          expect(accepts(text)).toBe(isUtf8(text));
          if (isUtf8(text)) accepted++;
        },
      ),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(500);
    expect(accepted).toBeLessThan(4_500);
  });
});

it('a message larger than the memory that is kept gets the same answers', () => {
  const body = { stringValue: 'ü'.repeat(3 * 1024 * 1024) };
  const bytes = encode('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }, {}] }] }] });
  expect(validate('logs', bytes)).toEqual({ items: 2, canonical: true });
  bytes[bytes.length - 1_000] = 0xff;
  expect(failure(() => validate('logs', bytes)).code).toBe('UTF8');
  expect(validate('logs', asLogRecord('1a 01 41'))).toEqual({ items: 1, canonical: true });
});

it('a reference to a string has the right wire type in profiles, and means nothing elsewhere', () => {
  // A resource with an attribute whose key_strindex is a text, and one whose value's string_value_strindex is.
  for (const attribute of [
    [0x0a, 0x03, 0x1a, 0x01, 0x41],
    [0x0a, 0x05, 0x12, 0x03, 0x42, 0x01, 0x41],
  ]) {
    const { length } = attribute;
    const request = Uint8Array.from([0x0a, length + 2, 0x0a, length, ...attribute]);
    expect(failure(() => validate('profiles', request)).code).toBe('WIRE_TYPE_MISMATCH');
    expect(validate('logs', request)).toEqual({ items: 0, canonical: true });
  }
});

/** A message surrounded by other bytes must not be read past its end: the tail would make some of these valid. */
it('never reads beyond the view that it was given', () => {
  const inner = encode('logs', { resourceLogs: [{ schemaUrl: 'https://example.com/schema' }] });
  for (let length = 1; length < inner.length; length++) {
    const view = inner.subarray(0, length);
    expect(failure(() => validate('logs', view)).code).toBe('TRUNCATED');
  }
});

function outcome(run: () => unknown): InvalidMessage | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidMessage) return error;
    throw error;
  }
}

/** What a check says, or with what it refuses. */
function answer(run: () => Inspection): Inspection | { code: InvalidMessageCode; offset: number; path: string } {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    return { code: error.code, offset: error.offset, path: error.path };
  }
}

/** A varint of a length. */
function lengthOf(length: number): number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, ...lengthOf(length >>> 7)];
}

function* mutations(bytes: Uint8Array, seed: number): Generator<Uint8Array> {
  const random = randomFrom(seed);
  const index = (): number => Math.floor(random() * bytes.length);
  if (bytes.length === 0) return;
  for (let i = 0; i < 6; i++) {
    const flipped = Uint8Array.from(bytes);
    for (let n = 0; n <= i; n++) flipped[index()] ^= 1 << Math.floor(random() * 8);
    yield flipped;
  }
  const replaced = Uint8Array.from(bytes);
  replaced[index()] = Math.floor(random() * 256);
  yield replaced;
  yield bytes.slice(0, index());
  const at = index();
  yield Uint8Array.from([...bytes.subarray(0, at), Math.floor(random() * 256), ...bytes.subarray(at)]);
  yield Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]);
}

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** Wraps bytes as the only log record of a request; the record begins at byte 6. */
function asLogRecord(record: string): Uint8Array {
  const content = hex(record);
  const length = content.length;
  return Uint8Array.from([0x0a, length + 4, 0x12, length + 2, 0x12, length, ...content]);
}

/** What stands in front of a field of the only log record. */
const RECORD = 'resourceLogs[0].scopeLogs[0].logRecords[0]';

describe('each rule refuses with a code, an offset and a path', () => {
  it.each<[string, string, InvalidMessageCode, number, string]>([
    ['a fixed64 that ends early', '09 01 02 03', 'TRUNCATED', 6, `${RECORD}.timeUnixNano`],
    ['a fixed32 that ends early', '45 01 02 03', 'TRUNCATED', 6, `${RECORD}.flags`],
    ['a length beyond the record', '1a 05 41', 'TRUNCATED', 6, `${RECORD}.severityText`],
    ['a varint that does not end', '10 ff', 'TRUNCATED', 7, `${RECORD}.severityNumber`],
    ['a tag that does not end', '82', 'TRUNCATED', 6, RECORD],
    ['a length that does not end', '1a 81', 'TRUNCATED', 7, `${RECORD}.severityText`],
    ['eleven varint bytes', '10 ff ff ff ff ff ff ff ff ff ff 01', 'VARINT_TOO_LONG', 7, `${RECORD}.severityNumber`],
    ['a 65th bit', '10 ff ff ff ff ff ff ff ff ff 02', 'VARINT_TOO_LONG', 7, `${RECORD}.severityNumber`],
    ['a tag of six bytes', '80 80 80 80 80 01 00', 'VARINT_TOO_LONG', 6, RECORD],
    ['a length above 2^31', '1a ff ff ff ff 0f', 'VARINT_TOO_LONG', 7, `${RECORD}.severityText`],
    ['field number 0', '00 01', 'FIELD_NUMBER', 6, RECORD],
    ['field number 0 in a padded tag', '82 00 01', 'FIELD_NUMBER', 6, RECORD],
    ['a group', '1b 1c', 'WIRE_TYPE_REFUSED', 6, `${RECORD}.severityText`],
    ['an unknown group', '9b 06 9c 06', 'WIRE_TYPE_REFUSED', 6, RECORD],
    ['wire type 6', '9e 06', 'WIRE_TYPE_REFUSED', 6, RECORD],
    ['wire type 7', '37', 'WIRE_TYPE_REFUSED', 6, `${RECORD}.attributes[0]`],
    ['text as a varint', '18 01', 'WIRE_TYPE_MISMATCH', 6, `${RECORD}.severityText`],
    ['a number as text', '12 01 41', 'WIRE_TYPE_MISMATCH', 6, `${RECORD}.severityNumber`],
    ['a fixed64 as a fixed32', '0d 01 02 03 04', 'WIRE_TYPE_MISMATCH', 6, `${RECORD}.timeUnixNano`],
    ['text that is not UTF-8', '1a 02 41 ff', 'UTF8', 9, `${RECORD}.severityText`],
    ['a UTF-8 surrogate', '1a 03 ed a0 80', 'UTF8', 8, `${RECORD}.severityText`],
    ['an overlong UTF-8 form', '1a 02 c0 80', 'UTF8', 8, `${RECORD}.severityText`],
    ['a code point above U+10FFFF', '1a 04 f4 90 80 80', 'UTF8', 8, `${RECORD}.severityText`],
    ['a cut UTF-8 sequence', '1a 02 e2 82', 'UTF8', 8, `${RECORD}.severityText`],
    ['an attribute key that is not UTF-8', '32 03 0a 01 ff', 'UTF8', 10, `${RECORD}.attributes[0].key`],
    ['a trace id of 15 bytes', `4a 0f ${'01'.repeat(15)}`, 'ID_LENGTH', 8, `${RECORD}.traceId`],
    ['a span id of 16 bytes', `52 10 ${'01'.repeat(16)}`, 'ID_LENGTH', 8, `${RECORD}.spanId`],
    ['an unknown length beyond the record', 'fa 01 05 00', 'TRUNCATED', 6, RECORD],
  ])('%s', (_, record, code, offset, path) => {
    const error = failure(() => validate('logs', asLogRecord(record)));
    expect({ code: error.code, offset: error.offset, path: error.path }).toEqual({ code, offset, path });
    expect(error.message).toContain(`byte ${offset}`);
    expect(error.retryable).toBe(false);
  });

  it('names the element of every list on the way', () => {
    const bytes = encode('logs', {
      resourceLogs: [
        {},
        {
          scopeLogs: [{}, { logRecords: [{}, {}, { attributes: [{}, { key: 'k', value: { stringValue: 'MARK' } }] }] }],
        },
      ],
    });
    const at = Buffer.from(bytes).indexOf('MARK');
    bytes[at + 1] = 0xff;
    const error = failure(() => validate('logs', bytes));
    expect(error.path).toBe('resourceLogs[1].scopeLogs[1].logRecords[2].attributes[1].value.stringValue');
    expect(error.offset).toBe(at + 1);
  });

  it.each([
    ['packed counters of seven bytes', { bucketCounts: [1n] }, 0x32],
    ['packed bounds of seven bytes', { explicitBounds: [1] }, 0x3a],
  ])('%s', (_, point, tag) => {
    const bytes = Array.from(encode('HistogramDataPoint', point as Plain));
    expect(bytes[0]).toBe(tag);
    bytes[1] = 7;
    bytes.pop();
    const wrapped = [0x0a, 17, 0x12, 15, 0x12, 13, 0x4a, 11, 0x0a, 9, ...bytes];
    expect(failure(() => validate('metrics', Uint8Array.from(wrapped))).code).toBe('PACKED_LENGTH');
  });

  it('packed varints that end within one', () => {
    const buckets = [0x12, 2, 0x01, 0x80];
    const point = [0x42, buckets.length, ...buckets];
    const histogram = [0x52, point.length + 2, 0x0a, point.length, ...point];
    const scope = [0x12, histogram.length, ...histogram];
    const resource = [0x12, scope.length, ...scope];
    const error = failure(() => validate('metrics', Uint8Array.from([0x0a, resource.length, ...resource])));
    expect(error.code).toBe('TRUNCATED');
    expect(error.path).toContain('exponentialHistogram.dataPoints[0].positive.bucketCounts');
  });
});

/** A body of arrays in arrays; the record's body is at depth 4. */
function nested(levels: number): Uint8Array {
  let body: Plain = { stringValue: 'x' };
  for (let i = 0; i < levels; i++) body = { arrayValue: { values: [body] } };
  return encode('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }] }] }] });
}

describe('nesting', () => {
  it('is accepted up to the limit', () => {
    expect(validate('logs', nested(30)).items).toBe(1);
    expect(validate('logs', nested(3), { depthMax: 10 }).items).toBe(1);
  });

  it('is refused beyond it', () => {
    expect(failure(() => validate('logs', nested(31))).code).toBe('DEPTH');
    expect(failure(() => validate('logs', nested(4), { depthMax: 10 })).path).toContain('body.arrayValue.values[0]');
  });

  it.each([0, 1, 2, 3])('is refused at the outer levels too, with a limit of %i', (depthMax) => {
    expect(failure(() => validate('logs', nested(0), { depthMax })).code).toBe('DEPTH');
  });
});

describe.each(STRICT_SIGNALS)('canonical shape of %s', (signal) => {
  it('is denied exactly where a piece has to be merged or a tag shortened', () => {
    let odd = 0;
    fc.assert(
      fc.property(requests[signal], fc.nat(), (request, seed) => {
        const bytes = rewire(signal, encode(signal, request), seed, {
          chance: 0.5,
          unknownFields: false,
          splitSingular: true,
        });
        const { canonical } = validate(signal, bytes);
        if (!canonical) odd++;
        expect(canonical).toBe(inspect(signal, bytes, DEPTH_MAX).canonical);
      }),
    );
    expect(odd).toBeGreaterThan(10);
  });
});
