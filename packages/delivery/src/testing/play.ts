import { permanent, retryable } from '@millrace/api';
import type { Outgoing } from '@millrace/api';
import { queuesBatches } from '../delivery.ts';
import type { Delivery } from '../delivery.ts';
import { idsOf } from './cargo.ts';
import { Rig, watch } from './rig.ts';
import type { Act, Scenario } from './scenario.ts';

/** One call of the sink. */
export interface Call {
  readonly ids: readonly number[];
  /** `late`: taken after the abort, which may or may not be known to the delivery. */
  result: 'arrived' | 'late' | 'refused' | 'retryable' | 'aborted' | 'open';
  arrived: readonly number[];
}

/** Plays a scenario to its end and keeps what could be seen. */
export async function play({ settings, arrivals, acts, jitter, shutdown }: Scenario) {
  const script = [...acts];
  const calls: Call[] = [];
  let drawn = 0;
  let active = 0;
  let activeMax = 0;
  let sizeMax = 0;
  const rig = new Rig(settings, { send }, { random: () => jitter[drawn++ % jitter.length] });
  const delivery = (queuesBatches(settings) ? rig.batchDelivery() : rig.delivery()) as Delivery<never>;

  async function send(payload: Outgoing): Promise<void> {
    const call: Call = { ids: idsOf(payload.bytes), result: 'open', arrived: [] };
    calls.push(call);
    active += 1;
    activeMax = Math.max(activeMax, active);
    sizeMax = Math.max(sizeMax, delivery.queue?.size ?? 0);
    try {
      await answer(script.shift() ?? { does: 'take' }, call, payload);
    } finally {
      active -= 1;
    }
  }

  async function answer(act: Act, call: Call, { abort }: Outgoing): Promise<void> {
    switch (act.does) {
      case 'take':
        call.result = 'arrived';
        call.arrived = call.ids;
        return;
      case 'take part':
        call.result = 'refused';
        call.arrived = call.ids.slice(0, Math.max(0, call.ids.length - act.value));
        throw permanent('some were rejected', { failedItems: act.value });
      case 'refuse':
        call.result = 'refused';
        throw permanent('malformed');
      case 'fail':
        call.result = 'retryable';
        throw retryable('away');
      case 'throttle':
        call.result = 'retryable';
        throw retryable('slow down', { retryAfterMs: act.value });
      case 'hang':
        await new Promise<void>((resolve) => abort.addEventListener('abort', () => resolve()));
        call.result = 'aborted';
        throw new Error('aborted');
      case 'take late':
        await new Promise<void>((resolve) => void rig.clock.after(act.value, resolve));
        call.result = abort.aborted ? 'late' : 'arrived';
        call.arrived = call.ids;
    }
  }

  await delivery.start();
  const offered: { ids: number[]; tenant: number; outcome: ReturnType<typeof watch> }[] = [];
  let nextId = 1;
  let over: { state: unknown } | undefined;
  let report: { leftItems: number } | undefined;
  function beginShutdown(): void {
    const promise = delivery.shutdown({ deadlineMs: rig.clock.monotonic() + shutdown.withinMs });
    void promise.then((value) => (report = value));
    over = watch(promise);
  }
  for (const [index, { afterMs, items, tenant }] of arrivals.entries()) {
    if (index === shutdown.after) beginShutdown();
    if (afterMs > 0) await rig.clock.advance(afterMs);
    const ids = Array.from({ length: items }, () => nextId++);
    const context = { metadata: { tenant: [String(tenant)] } };
    const load = queuesBatches(settings) ? rig.cargo.batch(ids, context) : rig.cargo.shipment(ids, context);
    offered.push({ ids, tenant, outcome: watch(delivery.consume(load as never)) });
    sizeMax = Math.max(sizeMax, delivery.queue?.size ?? 0);
  }
  if (over === undefined) beginShutdown();
  await rig.clock.advance(shutdown.withinMs);
  const stopped = over?.state === 'resolved';
  const endedInTime = rig.givenUp.length;
  // Sinks that did not listen to the abort end at last.
  await rig.clock.advance(10_000);
  const endedLate = rig.givenUp.length - endedInTime;
  return { rig, delivery, calls, offered, activeMax, sizeMax, stopped, endedLate, leftItems: report?.leftItems };
}
