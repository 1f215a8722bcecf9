import { int, double, TracesBatch, TracesBuilder, type AnyValueInput } from '@millrace/otlp';
import { FakeStepTools } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import definition from './index.ts';
import type { SamplerSettings } from './sampler-settings.ts';
import { DEFAULTS, sampledSpans } from './testing/sampled.ts';

type Settings = Partial<SamplerSettings>;
type Mode = 'equalizing' | 'proportional';

/** Kept at 50 %, not at 49 %. */
const HALF = 'fefefefefefefefefe80000000000000';
/** Kept at any probability. */
const IMPROBABLE = '111111111111111111ffffffffffffff';
const tid = (tail: string) => `a0a0a0a0a0a0a0a0a0${tail.padEnd(14, '0')}`;

interface Case {
  readonly settings: Settings;
  readonly traceId?: string;
  readonly before?: string;
  readonly priority?: AnyValueInput;
  /** The trace state of the span that is kept; undefined when it is dropped. */
  readonly equalizing: string | undefined;
  readonly proportional: string | undefined;
}

const both = (settings: Settings, rest: Partial<Case>, after: string | undefined): Case => ({
  settings: { fail_closed: false, ...settings },
  ...rest,
  equalizing: after,
  proportional: after,
});
const each = (settings: Settings, rest: Partial<Case>, equalizing?: string, proportional?: string): Case => ({
  settings: { fail_closed: false, ...settings },
  ...rest,
  equalizing,
  proportional,
});
const at = (sampling_percentage: number, sampling_precision = 4): Settings => ({
  sampling_percentage,
  sampling_precision,
});

const CASES: readonly Case[] = [
  both(at(100), {}, 'ot=th:0'),
  both(at(200), {}, 'ot=th:0'),
  both(at(50), {}, 'ot=th:8'),
  both(at(49), {}, undefined),
  both(at(25), { traceId: tid('c') }, 'ot=th:c'),
  both(at(25), { traceId: tid('b') }, undefined),
  both(at(1, 14), { before: 'ot=rv:FD70A3D70A3D71' }, 'ot=rv:FD70A3D70A3D71;th:fd70a3d70a3d71'),
  both(at(1, 14), { before: 'ot=rv:FD70A3D70A3D70' }, undefined),
  both(at(1), { before: 'ot=rv:FD70A3D70A3D71' }, 'ot=rv:FD70A3D70A3D71;th:fd70a'),
  both(at(1, 3), { before: 'ot=rv:FD70A3D70A3D71' }, undefined),
  both(at(1), { traceId: tid('fe') }, 'ot=th:fd70a'),
  both(at(40, 3), { before: 'ot=rv:a0000000000000' }, 'ot=rv:a0000000000000;th:99a'),
  each(at(50), { before: 'ot=rv:90000000000000;th:80000000000000' }, 'ot=rv:90000000000000;th:8', undefined),
  both(at(25), { before: 'ot=th:8' }, undefined),
  each(at(25), { before: 'ot=th:8', traceId: IMPROBABLE }, 'ot=th:c', 'ot=th:e'),
  each(at(50), { before: 'ot=rv:c0000000000000;th:8' }, 'ot=rv:c0000000000000;th:8', 'ot=rv:c0000000000000;th:c'),
  each(at(40, 6), { before: 'ot=th:8', traceId: tid('d') }, 'ot=th:99999a', 'ot=th:cccccd'),
  each(at(40, 3), { before: 'ot=th:8', traceId: tid('b') }, 'ot=th:99a', undefined),
  both(at(40, 3), { before: 'ot=th:8' }, undefined),
  each(at(100 * 2 ** -14), { before: 'ot=th:fffc', traceId: IMPROBABLE }, 'ot=th:fffc', 'ot=th:fffffff'),
  both(at((1 - 8e-7) * 100, 10), { traceId: IMPROBABLE }, 'ot=th:00000cccccccd'),
  each(at(2 ** -4), { before: 'ot=th:fffffffffffff8', traceId: IMPROBABLE }, 'ot=th:fffffffffffff8', undefined),
  // What arrives with a threshold that would have dropped it.
  both(at(100), { before: 'ot=rv:40000000000000;th:8' }, 'ot=rv:40000000000000;th:0'),
  both({ ...at(100), fail_closed: true }, { before: 'ot=rv:40000000000000;th:8' }, undefined),
  // What cannot be understood stays as it is, when it passes.
  both(at(1), { before: 'ot=rv:abababababababab' }, 'ot=rv:abababababababab'),
  both({ ...at(100), fail_closed: true }, { before: 'ot=rv:abababababababab' }, undefined),
  both({ ...at(100), fail_closed: true }, { before: 'ot=th:abababababababab' }, undefined),
  both({ ...at(100), fail_closed: true }, { before: 'ot=th:-1' }, undefined),
  both({ ...at(100), fail_closed: true }, { before: 'ot=th:8;rv:70000000000000' }, undefined),
  both({ ...at(100), fail_closed: true }, { traceId: '' }, undefined),
  both({ ...at(100), fail_closed: true }, { traceId: '0'.repeat(32) }, undefined),
  both(at(1), { traceId: '' }, 'ot=th:0'),
  // Everything else in a trace state is passed on.
  both(at(50), { before: 'ot=a:b;x:' }, 'ot=th:8;a:b;x:'),
  both(at(50), { before: ' es=s:1.0 , ot=p:8, t1@v=x y' }, 'ot=th:8;p:8,es=s:1.0,t1@v=x y'),
  both(at(50), { before: 'congo=t61rcWkgMzE' }, 'ot=th:8,congo=t61rcWkgMzE'),
  // The priority that OpenTracing defines.
  both(at(1), { priority: 2 }, 'ot=th:0'),
  both(at(0), { priority: 2 }, 'ot=th:0'),
  both(at(99), { priority: 0, traceId: IMPROBABLE }, undefined),
  both(at(99), { priority: double(0), traceId: IMPROBABLE }, undefined),
  both(at(99), { priority: '0.0', traceId: IMPROBABLE }, undefined),
  both(at(1), { priority: '0.5' }, 'ot=th:0'),
  both(at(1), { priority: double(0.5) }, 'ot=th:0'),
  both(at(1), { priority: int(2n ** 62n) }, 'ot=th:0'),
  both(at(1), { priority: -1 }, undefined),
  both(at(1), { priority: '-0.5' }, undefined),
  both(at(1), { priority: 'NaN' }, undefined),
  both(at(1), { priority: true }, undefined),
  both(at(1), { priority: 1, before: 'ot=th:8' }, 'ot=th:8'),
  both({ ...at(1), fail_closed: true }, { priority: 1, before: '=broken' }, '=broken'),
];

describe.each(['equalizing', 'proportional'] as const satisfies readonly Mode[])('%s', (mode) => {
  test.each(CASES.map((one) => [JSON.stringify(one.settings), one.before ?? '', one.traceId ?? HALF, one] as const))(
    '%s, tracestate "%s", trace id %s',
    (_, before, traceId, one) => {
      const kept = sampledSpans({ ...one.settings, mode }, [
        (span) => {
          span.traceId = traceId;
          span.traceState = before;
          if (one.priority !== undefined) span.attributes.set('sampling.priority', one.priority);
        },
      ]);
      expect(kept[0]).toBe(one[mode]);
    },
  );
});

describe('hash_seed', () => {
  const ids = Array.from({ length: 4_000 }, (_, index) => {
    const spread = (BigInt(index + 1) * 0x9e3779b97f4a7c15n) & ((1n << 64n) - 1n);
    return spread.toString(16).padStart(16, '0').repeat(2);
  });
  const spans = (list: readonly string[], traceState = '') =>
    list.map((id) => (span: { traceId: string; traceState: string }) => {
      span.traceId = id;
      span.traceState = traceState;
    });

  test.each([
    [100, '0'],
    [75, '4'],
    [50, '8'],
    [25, 'c'],
    [10, 'e668'],
    [100 / 3, 'aaac'],
    [0.7, 'fe38'],
  ])('keeps %d %% and says th:%s with a randomness that agrees', (sampling_percentage, th) => {
    const kept = sampledSpans({ sampling_percentage, hash_seed: 22 }, spans(ids));
    expect(kept.length / ids.length).toBeCloseTo(sampling_percentage / 100, 1);
    for (const state of kept) {
      const [, randomness, threshold] = /^ot=rv:([0-9a-f]{14});th:([0-9a-f]+)$/.exec(state) ?? [];
      expect(threshold).toBe(th);
      expect(randomness >= th).toBe(true);
    }
  });

  test('what a lower percentage keeps, a higher one keeps, too', () => {
    const state = (id: string, sampling_percentage: number) =>
      sampledSpans({ sampling_percentage }, spans([id])).length;
    for (const id of ids.slice(0, 200)) expect(state(id, 60) - state(id, 30)).toBeGreaterThanOrEqual(0);
  });

  test('seeds make independent decisions', () => {
    const kept = (hash_seed: number) => sampledSpans({ sampling_percentage: 50, hash_seed }, spans(ids)).length;
    const twice = sampledSpans({ sampling_percentage: 50, hash_seed: 1 }, spans(ids));
    expect(kept(1)).toBe(twice.length);
    expect(new Set([0, 1, 2, 3].map((seed) => kept(seed))).size).toBeGreaterThan(1);
  });

  test('leaves alone what is sampled by the specification', () => {
    const settings = { sampling_percentage: 1, fail_closed: false };
    for (const before of ['ot=th:8', 'ot=rv:12345678901234'])
      expect(sampledSpans(settings, spans([HALF], before))).toEqual([before]);
    expect(sampledSpans({ sampling_percentage: 100 }, spans([HALF], 'ot=th:8'))).toEqual([]);
  });

  test('drops spans without a trace id, unless it fails open', () => {
    expect(sampledSpans({ sampling_percentage: 100 }, spans(['']))).toEqual([]);
    const open = { sampling_percentage: 1, fail_closed: false };
    expect(sampledSpans(open, spans(['']))).toEqual(['ot=rv:ffffffffffffff;th:0']);
  });

  test('drops all for 0 %, and for what is too little for 14 bits', () => {
    expect(sampledSpans({ sampling_percentage: 0, fail_closed: false }, spans(ids.slice(0, 50)))).toEqual([]);
    expect(sampledSpans({ sampling_percentage: 0.001, fail_closed: false }, spans(ids.slice(0, 50)))).toEqual([]);
  });
});

test('leaves bytes alone that already say what is so, and counts what it keeps', () => {
  const builder = new TracesBuilder();
  const span = builder.addResource().addScope().addSpan();
  span.traceId = IMPROBABLE;
  span.traceState = 'ot=th:8,a=b';
  const bytes = builder.toBytes();
  const batch = TracesBatch.of([bytes]);
  const tools = new FakeStepTools();
  definition.create!({ ...DEFAULTS, mode: 'equalizing', sampling_percentage: 50 }, tools).traces?.(batch);
  expect(batch.chunks[0]).toBe(bytes);
  expect([...tools.counts]).toEqual([['processor_probabilistic_sampler_count_traces_sampled', 1]]);
});
