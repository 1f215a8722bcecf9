import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalize } from './normalize.ts';
import { requests } from './testing/arbitraries.ts';
import { decode, encode } from './testing/oracle.ts';
import { rewire } from './testing/rewire.ts';
import { validate } from './validate.ts';

describe.each(['logs', 'traces', 'metrics', 'profiles'] as const)('normalize %s', (signal) => {
  it('merges what is in pieces without changing its meaning', () => {
    fc.assert(
      fc.property(requests[signal], fc.nat(), fc.boolean(), (request, seed, unknownFields) => {
        const odd = rewire(signal, encode(signal, request), seed, { chance: 0.5, unknownFields, splitSingular: true });
        const normal = normalize(signal, odd);
        expect(validate(signal, normal)).toEqual({ items: validate(signal, odd).items, canonical: true });
        expect(decode(signal, normal)).toEqual(decode(signal, odd));
      }),
    );
  });

  it('leaves canonical bytes as they are', () => {
    fc.assert(
      fc.property(requests[signal], (request) => {
        const bytes = encode(signal, request);
        expect(normalize(signal, bytes)).toEqual(bytes);
      }),
    );
  });
});

/** Bytes as the body of the only log record. */
function withBody(...content: number[]): Uint8Array {
  const record = [0x2a, content.length, ...content];
  return Uint8Array.from([0x0a, record.length + 4, 0x12, record.length + 2, 0x12, record.length, ...record]);
}

const bodyOf = (bytes: Uint8Array): unknown => {
  const [resource] = decode('logs', bytes).resourceLogs as [{ scopeLogs: [{ logRecords: [{ body: unknown }] }] }];
  return resource.scopeLogs[0].logRecords[0].body;
};

describe('a oneof with several members', () => {
  it('keeps the last one', () => {
    const bytes = withBody(0x0a, 1, 0x41, 0x18, 7, 0x10, 1);
    expect(validate('logs', bytes).canonical).toBe(false);
    expect(bodyOf(normalize('logs', bytes))).toEqual({ boolValue: true });
  });

  it('merges arrays that follow one another', () => {
    const bytes = withBody(0x2a, 4, 0x0a, 2, 0x18, 1, 0x2a, 4, 0x0a, 2, 0x18, 2);
    expect(bodyOf(normalize('logs', bytes))).toEqual({ arrayValue: { values: [{ intValue: 1n }, { intValue: 2n }] } });
  });

  it('drops an array that another member followed', () => {
    const bytes = withBody(0x2a, 4, 0x0a, 2, 0x18, 1, 0x18, 5, 0x2a, 4, 0x0a, 2, 0x18, 2);
    expect(bodyOf(normalize('logs', bytes))).toEqual({ arrayValue: { values: [{ intValue: 2n }] } });
  });
});

it('keeps the last of two scalars', () => {
  const bytes = Uint8Array.from([0x0a, 6, 0x1a, 1, 0x41, 0x1a, 1, 0x42]);
  expect(validate('logs', bytes).canonical).toBe(false);
  expect(decode('logs', normalize('logs', bytes))).toEqual({ resourceLogs: [{ schemaUrl: 'B' }] });
});
