import { permanent, retryable } from '@millrace/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PolicySettings } from './policy-settings.ts';
import { TailSampler } from './tail-sampler.ts';
import { SamplingHost } from './testing/sampling-host.ts';
import { ERRORS, settingsWith } from './testing/settings.ts';

const span = fc.record({
  trace: fc.nat(8),
  status: fc.constantFrom({ code: 2 }, {}),
  parentSpanId: fc.constantFrom('', '00000000000000bb'),
  name: fc.string({ maxLength: 40 }),
});

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ spans: fc.array(span, { maxLength: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ waitMs: fc.constantFrom(0, 40, 300, 1_000, 4_000) }) },
);

const settings = fc.record({
  decision_wait: fc.constantFrom(0, 500, 2_000),
  decision_wait_after_root_received: fc.constantFrom(0, 300),
  num_traces: fc.constantFrom(1, 3, 100),
  maximum_trace_size_bytes: fc.constantFrom(0, 300),
  maximum_held_bytes: fc.constantFrom(0, 1_000),
  drop_pending_traces_on_shutdown: fc.boolean(),
  sampling_strategy: fc.constantFrom('trace-complete' as const, 'span-ingest' as const),
  decision_cache: fc.record({
    sampled_cache_size: fc.constantFrom(0, 2, 100),
    non_sampled_cache_size: fc.constantFrom(0, 2, 100),
  }),
  policies: fc.constant<PolicySettings[]>([
    ERRORS,
    { name: 'some', type: 'probabilistic', probabilistic: { hash_salt: '', sampling_percentage: 30 } },
  ]),
});

const answers = fc.infiniteStream(
  fc.constantFrom(undefined, undefined, undefined, retryable('busy'), permanent('refused for good')),
);

test('every span that was accepted comes out once, or is counted as dropped once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), settings, answers, async (steps, config, replies) => {
      const host = new SamplingHost();
      host.answer = () => {
        const error = replies.next().value as Error | undefined;
        return error === undefined ? Promise.resolve() : Promise.reject(error);
      };
      const sampler = new TailSampler(settingsWith(config), host);
      let given = 0;
      for (const each of steps) {
        if ('waitMs' in each) await host.manualClock.advance(each.waitMs);
        else await sampler.consume(host.spans(...each.spans.map((one) => ({ ...one, id: given++ }))));
      }
      const ending = sampler.shutdown();
      await host.manualClock.advance(60_000);
      await ending;

      const { taken } = host;
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken.length + host.droppedSpans).toBe(given);
      expect(sampler.heldItems).toBe(0);
      expect(host.ledger.faults).toEqual([]);
      expect(host.ledger.leaks).toEqual([]);
      expect(host.manualClock.pending).toBe(0);
    }),
    { numRuns: 300 },
  );
});
