import { type Batch, type DeliveryError, permanent, retryable } from '@millrace/api';
import { afterEach, describe, expect, test } from 'vitest';
import type { PolicySettings } from './policy-settings.ts';
import type { SamplerSettings } from './sampler-settings.ts';
import { TailSampler } from './tail-sampler.ts';
import { SamplingHost } from './testing/sampling-host.ts';
import { ALL, ERRORS, settingsWith } from './testing/settings.ts';

const ERROR = { status: { code: 2 } };
const CHILD = { parentSpanId: '00000000000000bb' };

describe('a tail sampler', () => {
  let host: SamplingHost;
  let sampler: TailSampler;

  function sample(settings: Partial<SamplerSettings>, guarantee: 'memory' | 'safe' = 'memory'): void {
    host = new SamplingHost(guarantee);
    sampler = new TailSampler(settingsWith(settings), host);
    sampler.start();
  }

  /** Gives it a batch, and notes the answer. */
  function give(batch: Batch) {
    const given: { state: 'waiting' | 'accepted' | DeliveryError } = { state: 'waiting' };
    sampler.consume(batch).then(
      () => (given.state = 'accepted'),
      (error: unknown) => (given.state = error as DeliveryError),
    );
    return given;
  }

  const advance = (ms: number) => host.manualClock.advance(ms);
  const taken = () => host.taken.toSorted((a, b) => a - b);

  afterEach(async () => {
    await sampler.shutdown();
    expect(host.ledger.faults).toEqual([]);
    expect(host.ledger.leaks).toEqual([]);
    expect(host.manualClock.pending).toBe(0);
    expect(sampler.heldItems).toBe(0);
  });

  describe('when it decides', () => {
    test('decision_wait after the first span, by all spans of the trace, from however many batches', async () => {
      sample({});
      give(host.spans({ trace: 1, id: 1 }, { trace: 2, id: 2 }));
      await advance(9_000);
      give(host.spans({ trace: 2, id: 3 }, { trace: 1, id: 4, ...ERROR }));
      await advance(999);
      expect(taken()).toEqual([]);
      await advance(1);
      expect(taken()).toEqual([1, 4]);
      expect(host.counted('dropped_spans', { reason: 'not_sampled' })).toBe(2);
      expect(host.counted('new_trace_id_received')).toBe(2);
      expect(host.counted('global_count_traces_sampled', { sampled: 'true', decision: 'sampled' })).toBe(1);
      const said = { policy: 'errors', sampled: 'false', decision: 'not_sampled' };
      expect(host.counted('count_traces_sampled', said)).toBe(1);
      expect(host.counted('count_spans_sampled', said)).toBe(2);
    });

    test('sooner after the root span, when that is asked for', async () => {
      sample({ policies: [ALL], decision_wait_after_root_received: 2_000 });
      give(host.spans({ trace: 1, id: 1, ...CHILD }, { trace: 2, id: 2, ...CHILD }));
      await advance(1_000);
      give(host.spans({ trace: 1, id: 3 }));
      await advance(1_999);
      expect(taken()).toEqual([]);
      await advance(1);
      expect(taken()).toEqual([1, 3]);
      await advance(7_000);
      expect(taken()).toEqual([1, 2, 3]);
    });

    test('not later by the root span than without it', async () => {
      sample({ policies: [ALL], decision_wait_after_root_received: 8_000 });
      give(host.spans({ trace: 1, id: 1, ...CHILD }));
      await advance(5_000);
      give(host.spans({ trace: 1, id: 2, parentSpanId: '0000000000000000' }));
      await advance(5_000);
      expect(taken()).toEqual([1, 2]);
    });

    test('in turns, when very many are due at once', async () => {
      sample({ policies: [ALL] });
      for (let batch = 0; batch < 5; batch++) {
        give(host.spans(...Array.from({ length: 500 }, (_, i) => ({ trace: batch * 500 + i, id: batch * 500 + i }))));
      }
      await advance(10_000);
      expect(taken()).toHaveLength(2_500);
      expect(host.recorded('sampling_decision_timer_latency').length).toBeGreaterThan(2);
    });
  });

  describe('late spans', () => {
    test('share the fate of their trace, whatever is in them', async () => {
      sample({});
      give(host.spans({ trace: 1, id: 1, ...ERROR }, { trace: 2, id: 2 }));
      await advance(10_000);
      await advance(2_500);
      give(host.spans({ trace: 1, id: 3 }, { trace: 2, id: 4, ...ERROR }));
      await advance(0);
      expect(taken()).toEqual([1, 3]);
      expect(host.counted('dropped_spans', { reason: 'late' })).toBe(1);
      expect(host.recorded('sampling_late_span_age')).toEqual([2, 2]);
    });

    test('are a new trace once their trace is forgotten', async () => {
      sample({ num_traces: 1 });
      give(host.spans({ trace: 1, id: 1, ...ERROR }));
      await advance(10_000);
      give(host.spans({ trace: 2, id: 2 }));
      expect(host.recorded('sampling_trace_removal_age')).toEqual([10]);
      give(host.spans({ trace: 1, id: 3 }));
      await advance(10_000);
      expect(taken()).toEqual([1]);
    });

    test('are known to the decision caches for longer', async () => {
      sample({ num_traces: 1, decision_cache: { sampled_cache_size: 10, non_sampled_cache_size: 10 } });
      for (const trace of [1, 2]) {
        give(host.spans({ trace, id: trace, ...(trace === 1 ? ERROR : {}) }));
        await advance(10_000);
      }
      expect(
        host.recordedTelemetry.value('processor_tail_sampling_sampling_traces_on_memory{processor="tail_sampling"}'),
      ).toBe(0);
      give(host.spans({ trace: 1, id: 3 }, { trace: 2, id: 4, ...ERROR }, { trace: 2, id: 5 }));
      await advance(0);
      expect(taken()).toEqual([1, 3]);
      expect(host.counted('early_releases_from_cache_decision', { sampled: 'true' })).toBe(1);
      expect(host.counted('early_releases_from_cache_decision', { sampled: 'false' })).toBe(2);
      expect(host.counted('new_trace_id_received')).toBe(2);
    });

    test('are forgotten by a full cache in the order of their use', async () => {
      sample({ policies: [ALL], num_traces: 1, decision_cache: { sampled_cache_size: 2, non_sampled_cache_size: 0 } });
      for (const trace of [1, 2, 1, 3]) {
        give(host.spans({ trace, id: trace }));
        await advance(10_000);
      }
      give(host.spans({ trace: 1, id: 11 }, { trace: 2, id: 12 }));
      await advance(0);
      expect(host.counted('early_releases_from_cache_decision', { sampled: 'true' })).toBe(2);
      expect(taken()).toEqual([1, 1, 2, 3, 11]);
    });
  });

  describe('its bounds', () => {
    test('the oldest of num_traces makes room, and what was undecided is dropped and counted', async () => {
      sample({ policies: [ALL], num_traces: 2 });
      give(host.spans({ trace: 1, id: 1 }, { trace: 1, id: 2 }, { trace: 2, id: 3 }));
      give(host.spans({ trace: 3, id: 4 }, { trace: 2, id: 5 }));
      await advance(10_000);
      expect(taken()).toEqual([3, 4, 5]);
      expect(host.counted('sampling_trace_dropped_too_early')).toBe(1);
      expect(host.counted('dropped_spans', { reason: 'too_early' })).toBe(2);
    });

    test('with block_on_overflow, new traces are refused for now, and may come again', async () => {
      sample({ policies: [ALL], num_traces: 2, block_on_overflow: true });
      give(host.spans({ trace: 1, id: 1 }, { trace: 2, id: 2 }));
      const refused = give(host.spans({ trace: 1, id: 3 }, { trace: 3, id: 4 }));
      const known = give(host.spans({ trace: 1, id: 5 }));
      await advance(0);
      expect(refused.state).toMatchObject({ code: 'TRACES_OVERFLOW', retryable: true });
      expect(known.state).toBe('accepted');
      await advance(10_000);
      give(host.spans({ trace: 3, id: 4 }));
      await advance(10_000);
      expect(taken()).toEqual([1, 2, 4, 5]);
      expect(host.droppedSpans).toBe(0);
    });

    test('a trace that grows too large is dropped at once, and its late spans, too', async () => {
      const attributes = { padding: 'x'.repeat(400) };
      sample({ policies: [ALL], maximum_trace_size_bytes: 1_000 });
      give(host.spans({ trace: 1, id: 1, attributes }, { trace: 2, id: 2 }));
      give(host.spans({ trace: 1, id: 3, attributes }));
      expect(host.droppedSpans).toBe(0);
      give(host.spans({ trace: 1, id: 4, attributes }));
      expect(host.counted('traces_dropped_too_large')).toBe(1);
      expect(host.counted('dropped_spans', { reason: 'too_large' })).toBe(3);
      give(host.spans({ trace: 1, id: 5 }));
      await advance(10_000);
      expect(taken()).toEqual([2]);
      expect(host.counted('dropped_spans', { reason: 'late' })).toBe(1);
    });

    test('beyond maximum_held_bytes, the oldest traces are decided by what is there', async () => {
      const attributes = { padding: 'x'.repeat(1_000) };
      sample({ maximum_held_bytes: 3_500 });
      give(host.spans({ trace: 1, id: 1, attributes, ...ERROR }));
      give(host.spans({ trace: 2, id: 2, attributes }));
      give(host.spans({ trace: 3, id: 3, attributes }));
      await advance(0);
      expect(host.counted('early_decisions')).toBe(0);
      give(host.spans({ trace: 4, id: 4, attributes, ...ERROR }));
      await advance(0);
      expect(taken()).toEqual([1]);
      expect(host.counted('early_decisions')).toBe(1);
      give(host.spans({ trace: 5, id: 5, attributes }));
      expect(host.counted('dropped_spans', { reason: 'not_sampled' })).toBe(1);
      await advance(10_000);
      expect(taken()).toEqual([1, 4]);
    });
  });

  describe('at the end', () => {
    test('it decides by what is there; what comes afterwards is decided at once', async () => {
      sample({});
      give(host.spans({ trace: 1, id: 1, ...ERROR }, { trace: 2, id: 2 }));
      await sampler.shutdown();
      expect(taken()).toEqual([1]);
      give(host.spans({ trace: 1, id: 3 }, { trace: 3, id: 4, ...ERROR }, { trace: 4, id: 5 }));
      await advance(0);
      expect(taken()).toEqual([1, 3, 4]);
      expect(host.droppedSpans).toBe(2);
    });

    test('it drops what is undecided, when that is asked for', async () => {
      sample({ policies: [ALL], drop_pending_traces_on_shutdown: true });
      give(host.spans({ trace: 1, id: 1 }, { trace: 2, id: 2 }));
      await sampler.shutdown();
      expect(taken()).toEqual([]);
      expect(host.counted('dropped_spans', { reason: 'shutdown' })).toBe(2);
      give(host.spans({ trace: 1, id: 3 }, { trace: 3, id: 4 }));
      await advance(0);
      expect(taken()).toEqual([4]);
    });
  });

  describe('what it answers', () => {
    test.each(['memory', 'safe'] as const)('at once, in front of a %s destination', async (guarantee) => {
      sample({ policies: [ALL] }, guarantee);
      const given = give(host.spans({ trace: 1, id: 1 }, { trace: 2, id: 2 }));
      await advance(0);
      expect(given.state).toBe('accepted');
      expect(sampler.guarantee).toBe('memory');
      expect(sampler.heldItems).toBe(2);
      expect(host.recordedLog.lines.filter(({ level }) => level === 'warn')).toHaveLength(guarantee === 'safe' ? 1 : 0);
    });

    test('then it tries until the spans are taken', async () => {
      sample({ policies: [ALL] });
      let refusals = 3;
      host.answer = () => (refusals-- > 0 ? Promise.reject(retryable('busy')) : Promise.resolve());
      give(host.spans({ trace: 1, id: 1 }));
      await advance(10_000);
      expect(sampler.heldItems).toBe(1);
      await advance(50 + 100 + 200);
      expect(taken()).toEqual([1]);
    });

    test('and counts what is refused for good', async () => {
      sample({ policies: [ALL] });
      host.answer = () => Promise.reject(permanent('malformed', { code: 'MALFORMED' }));
      give(host.spans({ trace: 1, id: 1 }, { trace: 1, id: 2 }));
      await advance(10_000);
      expect(host.counted('dropped_spans', { reason: 'refused' })).toBe(2);
      expect(host.recordedLog.lines).toMatchObject([{ level: 'error', fields: { items: 2, code: 'MALFORMED' } }]);
    });

    test('with acknowledge: decided, when all traces of the batch are decided and safe', async () => {
      sample({ acknowledge: 'decided' }, 'safe');
      const both = give(host.spans({ trace: 1, id: 1, ...ERROR }, { trace: 2, id: 2 }));
      await advance(5_000);
      const dropped = give(host.spans({ trace: 3, id: 3 }));
      await advance(4_999);
      expect([both.state, dropped.state]).toEqual(['waiting', 'waiting']);
      await advance(1);
      expect([both.state, dropped.state]).toEqual(['accepted', 'waiting']);
      await advance(5_000);
      expect(dropped.state).toBe('accepted');
      expect(sampler.guarantee).toBe('safe');
    });

    test('with acknowledge: decided, a refusal goes to the senders of the spans', async () => {
      sample({ acknowledge: 'decided' }, 'safe');
      host.answer = () => Promise.reject(retryable('later', { code: 'LATER' }));
      const refused = give(host.spans({ trace: 1, id: 1, ...ERROR }, { trace: 2, id: 2 }));
      const dropped = give(host.spans({ trace: 3, id: 3 }));
      await advance(10_000);
      expect(refused.state).toMatchObject({ code: 'LATER' });
      expect(dropped.state).toBe('accepted');
      expect(host.passed).toHaveLength(1);
    });

    test('with acknowledge: decided, nobody waits where destinations acknowledge into memory', async () => {
      sample({ acknowledge: 'decided' }, 'memory');
      const given = give(host.spans({ trace: 1, id: 1 }));
      await advance(0);
      expect(given.state).toBe('accepted');
    });
  });

  describe('with the strategy span-ingest', () => {
    test('a trace is sampled with all its spans as soon as a policy says so, and its late spans follow', async () => {
      sample({ sampling_strategy: 'span-ingest' });
      give(host.spans({ trace: 1, id: 1 }, { trace: 2, id: 2 }));
      give(host.spans({ trace: 1, id: 3, ...ERROR }));
      await advance(0);
      expect(taken()).toEqual([1, 3]);
      give(host.spans({ trace: 1, id: 4 }));
      await advance(10_000);
      expect(taken()).toEqual([1, 3, 4]);
      expect(host.counted('dropped_spans', { reason: 'not_sampled' })).toBe(1);
    });

    test('a policy that may still drop holds the others off', async () => {
      const drop: PolicySettings = { name: 'drop', type: 'drop', drop: { drop_sub_policy: [ERRORS] } };
      sample({ sampling_strategy: 'span-ingest', policies: [ALL, drop] });
      give(host.spans({ trace: 1, id: 1 }, { trace: 2, id: 2 }));
      give(host.spans({ trace: 1, id: 3, ...ERROR }));
      await advance(0);
      expect(host.counted('dropped_spans', { reason: 'dropped' })).toBe(2);
      await advance(10_000);
      expect(taken()).toEqual([]);
      expect(host.counted('dropped_spans', { reason: 'not_sampled' })).toBe(1);
    });
  });
});
