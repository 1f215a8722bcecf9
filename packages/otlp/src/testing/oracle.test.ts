import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requests } from './arbitraries.ts';
import { decode, encode, normalizePlain } from './oracle.ts';
import type { OracleSignal } from './oracle.ts';
import { rewire } from './rewire.ts';

const SIGNALS: OracleSignal[] = ['logs', 'traces', 'metrics', 'profiles'];

describe.each(SIGNALS)('the oracle for %s', (signal) => {
  it('gives back what it encoded', () => {
    fc.assert(
      fc.property(requests[signal], (request) => {
        const once = normalizePlain(signal, request);
        expect(Object.keys(once).length).toBeLessThanOrEqual(Object.keys(request).length);
        expect(decode(signal, encode(signal, request))).toEqual(once);
      }),
    );
  });

  it('reads every rewired form as the same message', () => {
    const settings = { chance: 0.3, unknownFields: true, splitSingular: true };
    fc.assert(
      fc.property(requests[signal], fc.nat(), (request, seed) => {
        const bytes = encode(signal, request);
        expect(decode(signal, rewire(signal, bytes, seed, settings))).toEqual(decode(signal, bytes));
      }),
    );
  });
});

it('keeps extremes exact', () => {
  const value = { attributes: [{ key: 'k', value: { intValue: -(2n ** 63n) } }], droppedAttributesCount: 0 };
  expect(normalizePlain('Resource', value)).toEqual({ attributes: [{ key: 'k', value: { intValue: -(2n ** 63n) } }] });
});
