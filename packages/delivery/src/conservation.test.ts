import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { play } from './testing/play.ts';
import type { Call } from './testing/play.ts';
import { scenario } from './testing/scenario.ts';
import type { Scenario } from './testing/scenario.ts';

type Played = Awaited<ReturnType<typeof play>>;

test('every item that was taken is sent once, or given up with a reason, or reported left', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (scenario) => {
      expect(itemFaults(scenario, await play(scenario))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('whatever happens, queues are bounded, order is kept, shutdown is in time and everything is released once', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (scenario) => {
      const played = await play(scenario);
      expect(boundFaults(scenario, played)).toEqual([]);
      expect(played.rig.cargo.faults).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** Collects what is not as it must be. */
class Faults {
  readonly list: string[] = [];

  must(holds: boolean, what: string): void {
    if (!holds) this.list.push(what);
  }
}

function itemFaults({ settings }: Scenario, { rig, calls, offered, leftItems }: Played): string[] {
  const faults = new Faults();
  const queue = settings.sending_queue;
  const inMemory = queue !== undefined && !queue.wait_for_result;
  const merged = queue?.batch !== undefined;
  const inTime = calls.flatMap((call) => (call.result === 'late' ? [] : call.arrived));
  const late = calls.flatMap((call) => (call.result === 'late' ? call.arrived : []));
  const arrivedInTime = new Set(inTime);
  const arrived = new Set([...inTime, ...late]);
  faults.must(arrived.size === inTime.length + late.length, 'an item arrived twice');

  const lastResult = new Map<number, Call['result']>();
  for (const { ids, result } of calls) {
    for (const id of ids) {
      const last = lastResult.get(id);
      faults.must(
        last === undefined || last === 'retryable' || last === 'aborted',
        `${id} was sent again after ${last}`,
      );
      lastResult.set(id, result);
    }
  }

  // The sinks of the scenarios reject the last items of a request.
  const lost = rig.givenUp.flatMap(({ ids, error }) =>
    ids.slice(Math.max(0, ids.length - (error.failedItems ?? ids.length))),
  );
  const givenUp = new Set(lost);
  const left = rig.givenUp.filter(({ error }) => error.code === 'SHUTDOWN').flatMap(({ ids }) => ids);
  faults.must(givenUp.size === lost.length, 'an item was given up twice');
  faults.must(leftItems === left.length, `${leftItems} items were reported left instead of ${left.length}`);
  faults.must(inMemory || lost.length === 0, 'given up although the sender was told');

  let offeredItems = 0;
  let failedItems = 0;
  for (const { ids, outcome } of offered) {
    const { state } = outcome;
    offeredItems += ids.length;
    if (state === 'pending') faults.must(false, 'a sender was never answered');
    else if (state === 'resolved') {
      for (const id of ids) {
        const fates = (arrived.has(id) ? 1 : 0) + (givenUp.has(id) ? 1 : 0);
        const isLate = arrived.has(id) && !arrivedInTime.has(id);
        faults.must(fates === 1 || isLate, `${id} was taken and has ${fates} fates`);
      }
    } else {
      failedItems += state.failedItems ?? ids.length;
      const tried = ids.some((id) => lastResult.has(id));
      const atIntake = state.code === 'QUEUE_FULL' || state.code === 'TOO_LARGE' || state.code === 'SHUTDOWN';
      if (inMemory) faults.must(!tried && atIntake, `refused with ${state.code} after it had been taken`);
      if (!merged && state.failedItems === undefined) {
        faults.must(!ids.some((id) => arrivedInTime.has(id)), `refused with ${state.code} although it arrived`);
      }
    }
  }

  const sent = rig.count('exporter_sent_log_records') ?? 0;
  const failed = rig.count('exporter_send_failed_log_records') ?? 0;
  const refused = rig.count('exporter_enqueue_failed_log_records') ?? 0;
  faults.must(sent >= inTime.length && sent <= arrived.size, `${sent} counted as sent, ${arrived.size} arrived`);
  if (queue !== undefined) {
    faults.must(sent + failed + refused === offeredItems, `${sent} + ${failed} + ${refused} is not ${offeredItems}`);
    const told = inMemory ? refused : refused + failed;
    // Of merged requests that are taken in part, nobody knows whose items failed: all senders hear of them.
    const isTold = merged && !inMemory ? told <= failedItems : told === failedItems;
    faults.must(isTold, `senders were told of ${failedItems} failed items instead of ${told}`);
  }
  if (inMemory) faults.must(failed === lost.length, `${failed} counted as failed, ${lost.length} given up`);
  return faults.list;
}

function boundFaults({ settings }: Scenario, played: Played): string[] {
  const faults = new Faults();
  const { rig, delivery, calls, offered } = played;
  const queue = settings.sending_queue;
  faults.must(played.stopped, 'shutdown took longer than it had');
  faults.must(played.endedLate === 0, 'something was given up after the shutdown');
  faults.must(rig.cargo.held.size === 0, `${rig.cargo.held.size} loads were not released`);
  faults.must(rig.clock.pending === 0, `${rig.clock.pending} timers are left`);
  faults.must(rig.recorder.gauges.length === 0, 'gauges are left');
  if (queue === undefined) return faults.list;
  faults.must((delivery.queue?.size ?? 0) === 0, 'room is taken in an empty queue');
  faults.must(played.sizeMax <= queue.queue_size, `the queue grew to ${played.sizeMax}`);
  faults.must(played.activeMax <= queue.num_consumers, `${played.activeMax} requests at a time`);
  if (queue.num_consumers === 1) {
    const called = [...new Set(calls.flatMap((call) => call.ids))];
    for (const tenant of [0, 1]) {
      const its = new Set(offered.flatMap((each) => (each.tenant === tenant ? each.ids : [])));
      const order = called.filter((id) => its.has(id));
      faults.must(
        order.every((id, index) => index === 0 || order[index - 1] < id),
        `out of order: ${order.join(' ')}`,
      );
    }
  }
  return faults.list;
}
