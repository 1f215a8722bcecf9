import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeAnyValue } from './any-value.ts';
import { ATTRIBUTE_EDITS_MAX, AttributeEdits, type AttributeEdit } from './attribute-edits.ts';
import type { AttributesView } from './attributes-view.ts';
import { LogsBatch } from './logs-batch.ts';
import { MetricsBatch } from './metrics-batch.ts';
import { ProfilesBatch } from './profiles-batch.ts';
import { anyValue, requests } from './testing/arbitraries.ts';
import { encode, type Plain } from './testing/oracle.ts';
import { rewire } from './testing/rewire.ts';
import { TracesBatch } from './traces-batch.ts';
import { WireError } from './wire.ts';

/** Keys that the random requests often have, those with lengths of several bytes among them. */
const KEYS = ['', 'a', 'é', '日本', '😀', 'x'.repeat(130), 'never there'];

const edits: fc.Arbitrary<AttributeEdit[]> = fc
  .uniqueArray(fc.constantFrom(...KEYS), { minLength: 1 })
  .chain((keys) => fc.tuple(...keys.map((key) => editOf(key))));

function editOf(key: string): fc.Arbitrary<AttributeEdit> {
  const value = anyValue.map((plain) => valueBytes(plain));
  return fc.oneof(
    fc.constant({ do: 'delete' as const, key }),
    fc.record({ do: fc.constantFrom('insert', 'update', 'upsert'), key: fc.constant(key), value }),
    fc.record(
      { do: fc.constant('insert' as const), key: fc.constant(key), from: fc.constantFrom(...KEYS), value },
      { requiredKeys: ['do', 'key', 'from'] },
    ),
  );
}

function valueBytes(plain: Plain): Uint8Array {
  const record = encode('logs', {
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [{ value: plain }] }] }] }],
  });
  for (const { attributes } of LogsBatch.of([record]).records) return attributes.raw('')!;
  throw new Error('there is one record');
}

/** The same by way of the views. */
function apply(attributes: AttributesView, list: readonly AttributeEdit[]): void {
  const values = list.map((edit) => {
    if (edit.do === 'delete') return undefined;
    return ('from' in edit ? attributes.raw(edit.from) : undefined) ?? edit.value;
  });
  for (const [i, edit] of list.entries()) {
    const value = values[i];
    if (edit.do === 'delete') attributes.delete(edit.key);
    else if (value !== undefined && (edit.do === 'upsert' || attributes.has(edit.key) === (edit.do === 'update')))
      attributes.setRaw(edit.key, value);
  }
}

const batchOf = {
  logs: (chunks: Uint8Array[]) => LogsBatch.of(chunks),
  traces: (chunks: Uint8Array[]) => TracesBatch.of(chunks),
  metrics: (chunks: Uint8Array[]) => MetricsBatch.of(chunks),
};

function throughViews(signal: keyof typeof batchOf, chunks: Uint8Array[], list: readonly AttributeEdit[]) {
  const batch = batchOf[signal](chunks);
  if (batch instanceof LogsBatch) for (const { attributes } of batch.records) apply(attributes, list);
  else if (batch instanceof TracesBatch) for (const { attributes } of batch.spans) apply(attributes, list);
  else for (const { attributes } of batch.dataPoints) apply(attributes, list);
  return batch.chunks;
}

describe.each(['logs', 'traces', 'metrics'] as const)('%s', (signal) => {
  const chunk = fc
    .tuple(requests[signal], fc.integer(), fc.constantFrom(0, 0.3))
    .map(([request, seed, chance]) =>
      rewire(signal, encode(signal, request), seed, { chance, unknownFields: true, splitSingular: false }),
    );

  test('edits of all items at once leave the same bytes as edits through the views', () => {
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 1, maxLength: 3 }), edits, (chunks, list) => {
        const batch = batchOf[signal](chunks);
        batch.editAttributes(new AttributeEdits(list));
        expect(batch.chunks).toEqual(throughViews(signal, chunks, list));
      }),
      { numRuns: 400 },
    );
  });

  test('of truncated input it says so, or edits it, and never reads on', () => {
    fc.assert(
      fc.property(chunk, fc.nat(), edits, (bytes, cut, list) => {
        const batch = batchOf[signal]([bytes.subarray(0, cut % (bytes.length + 1))]);
        try {
          batch.editAttributes(new AttributeEdits(list));
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

const one = encode('logs', {
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [{ key: 'a', value: { intValue: 1n } }] }] }] }],
});

test('what has nothing to be edited stays the very same chunk', () => {
  const batch = LogsBatch.of([one]);
  batch.editAttributes(
    new AttributeEdits([
      { do: 'delete', key: 'b' },
      { do: 'insert', key: 'a', value: encodeAnyValue(2) },
    ]),
  );
  expect(batch.chunks[0]).toBe(one);
});

test('edits that are pending come first, and a loop that is under way ends', () => {
  const batch = LogsBatch.of([one]);
  const loop = batch.records;
  for (const { attributes } of loop) {
    attributes.set('b', 2);
    batch.editAttributes(new AttributeEdits([{ do: 'delete', key: 'b' }]));
    break;
  }
  expect(() => loop.next()).toThrow('cannot go on with this loop');
  expect([...batch.records].map(({ attributes }) => attributes.toObject())).toEqual([{ a: 1 }]);
});

test('refuses a key twice, too many edits, and profiles', () => {
  const remove = (key: string): AttributeEdit => ({ do: 'delete', key });
  expect(() => new AttributeEdits([remove('a'), remove('a')])).toThrow(RangeError);
  const many = Array.from({ length: ATTRIBUTE_EDITS_MAX + 1 }, (_, index) => remove(`key ${index}`));
  expect(() => new AttributeEdits(many)).toThrow(RangeError);
  expect(() => ProfilesBatch.of([]).editAttributes(new AttributeEdits([remove('a')]))).toThrow(TypeError);
});
