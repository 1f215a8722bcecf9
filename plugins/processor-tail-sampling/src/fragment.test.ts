import { type Batch, retryable } from '@millrace/api';
import { ByteWriter, protoToJson, TracesBatch } from '@millrace/otlp';
import { samplesOf } from '@millrace/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutByTrace, release } from './fragment.ts';
import { SamplingHost } from './testing/sampling-host.ts';
import { request, traceId } from './testing/traces.ts';

/** Every span with its resource and scope, as text; what is around them is known by what it holds. */
function spansIn(chunks: readonly Uint8Array[]): string[] {
  const spans: string[] = [];
  for (const resource of TracesBatch.of(chunks).resources) {
    for (const scope of resource.scopes) {
      for (const span of scope.spans) {
        const around = [resource.attributes.toObject(), resource.schemaUrl, scope.name, scope.version, scope.schemaUrl];
        const own = span.clone().scope;
        const [copy] = own.spans;
        spans.push(JSON.stringify([...around, copy.spanId, copy.traceId, copy.name, copy.attributes.size], replacer));
      }
    }
  }
  return spans.toSorted();
}

function replacer(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Uint8Array ? [...value] : value;
}

const cut = (host: SamplingHost, chunks: readonly Uint8Array[], roots = false) =>
  cutByTrace(host.batchOf(chunks), host, { roots });

const chunksOf = (batches: readonly Batch[]) => batches.flatMap(({ chunks }) => [...chunks]);

describe('cut by trace', () => {
  test('each fragment has all spans of one trace, under their resources and scopes, and nothing is lost', () => {
    const spans = fc.array(fc.record({ trace: fc.nat(4), resource: fc.nat(2), name: fc.string({ maxLength: 200 }) }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(fc.array(spans, { minLength: 1, maxLength: 3 }), (lists) => {
        const host = new SamplingHost();
        const chunks = lists.map((list, index) =>
          request(
            ...list.map(({ trace, resource, name }, at) => {
              const spanId = (index * 100 + at + 1).toString(16).padStart(16, '0');
              return [trace, { resource: { 'service.name': `s${resource}` }, spans: [{ name, spanId }] }] as const;
            }),
          ),
        );
        const fragments = cut(host, chunks);
        const traces = new Set(lists.flat().map(({ trace }) => traceId(trace)));
        expect(fragments.map(({ key }) => Buffer.from(key, 'latin1').toString('hex')).toSorted()).toEqual(
          [...traces].toSorted(),
        );
        for (const { key, batches, spans: count } of fragments) {
          const ids = Array.from(TracesBatch.of(chunksOf(batches)).spans, (span) => span.traceId);
          expect(new Set(ids)).toEqual(new Set([Buffer.from(key, 'latin1').toString('hex')]));
          expect(ids).toHaveLength(count);
        }
        expect(spansIn(fragments.flatMap(({ batches }) => chunksOf(batches)))).toEqual(spansIn(chunks));
        release(fragments);
        expect(host.ledger.faults).toEqual([]);
        expect(host.ledger.leaks).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('rare and unknown fields stay', () => {
    const host = new SamplingHost();
    for (const { name, bytes, ids } of samplesOf('traces')) {
      const fragments = cut(host, [bytes]);
      expect(
        fragments.reduce((sum, { spans }) => sum + spans, 0),
        name,
      ).toBe(ids.length);
      const chunks = fragments.flatMap(({ batches }) => chunksOf(batches));
      expect(spansIn(chunks), name).toEqual(spansIn([bytes]));
      const text = Buffer.concat(chunks).toString('latin1');
      expect(text.includes('from the future'), name).toBe(name === 'odd');
      release(fragments);
    }
    expect(host.ledger.leaks).toEqual([]);
  });

  test('a batch of one trace stays as it is', () => {
    const host = new SamplingHost();
    const batch = host.spans({ trace: 1, id: 1 }, { trace: 1, id: 2 });
    const [{ batches, spans }] = cutByTrace(batch, host, { roots: false });
    expect(batches).toEqual([batch]);
    expect(spans).toBe(2);
  });

  test('fragments are of the sender of their batch', () => {
    const host = new SamplingHost();
    const sender = { address: '192.0.2.1' };
    const fragments = cutByTrace(host.batchOf([request([1, { spans: [{}] }], [2, { spans: [{}] }])], sender), host, {
      roots: false,
    });
    expect(fragments.flatMap(({ batches }) => batches.map(({ context }) => context))).toEqual([sender, sender]);
    release(fragments);
  });

  test('a batch without spans is released', () => {
    const host = new SamplingHost();
    expect(cut(host, [request([1, { spans: [] }])])).toEqual([]);
    expect(host.ledger.leaks).toEqual([]);
  });

  test('a span without a parent, or with zeros for one, is a root', () => {
    const host = new SamplingHost();
    const fragments = cut(
      host,
      [
        request(
          [1, { spans: [{ parentSpanId: '00000000000000bb' }, {}] }],
          [2, { spans: [{ parentSpanId: '00000000000000bb' }] }],
          [3, { spans: [{ parentSpanId: '0000000000000000' }] }],
        ),
      ],
      true,
    );
    expect(fragments.map(({ hasRoot }) => hasRoot)).toEqual([true, false, true]);
    release(fragments);
  });

  test('spans without a trace id, and with one that is not the first field, are found', () => {
    const host = new SamplingHost();
    const span = (write: (out: ByteWriter) => void) => {
      const out = new ByteWriter();
      const marks = [out.openField(1), out.openField(2), out.openField(2)];
      write(out);
      for (const mark of marks.toReversed()) out.close(mark);
      return out.take();
    };
    const id = Buffer.from(traceId(1), 'hex');
    const fragments = cut(host, [
      span((out) => out.stringField(5, 'without')),
      span((out) => {
        out.stringField(5, 'late');
        out.bytesField(1, id);
      }),
    ]);
    expect(fragments.map(({ key }) => Buffer.from(key, 'latin1').toString('hex'))).toEqual([
      '0'.repeat(32),
      traceId(1),
    ]);
    release(fragments);
  });
});

test('spans of a trace that stand side by side share one resource and scope', () => {
  const host = new SamplingHost();
  const [first] = cut(host, [
    request(
      [1, { resource: { a: 'b' }, spans: [{}, {}] }],
      [2, { spans: [{}] }],
      [1, { resource: { a: 'b' }, spans: [{}] }],
    ),
  ]);
  const json = JSON.parse(Buffer.from(protoToJson('traces', chunksOf(first.batches)[0])).toString()) as {
    resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
  };
  expect(json.resourceSpans.map(({ scopeSpans }) => scopeSpans.map(({ spans }) => spans.length))).toEqual([[2], [1]]);
});

test('without memory for the fragments, the batch is refused for now and released', () => {
  const full = () => {
    throw retryable('full', { code: 'MEMORY_BUDGET' });
  };
  const host = new SamplingHost();
  const batch = host.spans({ trace: 1, id: 1 }, { trace: 2, id: 2 });
  let room = 1;
  const makeBatch = (chunks: readonly Uint8Array[]) => (room-- > 0 ? host.batchOf(chunks) : full());
  expect(() => cutByTrace(batch, { makeBatch }, { roots: false })).toThrow('full');
  expect(host.ledger.leaks).toEqual([]);
  expect(host.ledger.faults).toEqual([]);
});
