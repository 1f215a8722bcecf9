import { permanent, retryable } from '@millrace/api';
import { describe, expect, test } from 'vitest';
import { deaf, fail, hang, ids, ScriptedSink, take } from './testing/cargo.ts';
import { retryOf, Rig, watch } from './testing/rig.ts';

const unavailable = retryable('the destination is away');

describe('without a queue', () => {
  test('consume resolves only when the destination has the data', async () => {
    const slow = deaf();
    const rig = new Rig({}, new ScriptedSink(slow.act));
    const delivery = rig.delivery();
    const consumed = watch(delivery.consume(rig.cargo.shipment(ids(1, 3))));
    await rig.clock.advance(60_000);
    expect(consumed.state).toBe('pending');
    slow.end();
    await rig.clock.settle();
    expect(consumed.state).toBe('resolved');
    expect(delivery.guarantee).toBe('safe');
    expect(rig.count('exporter_sent_log_records')).toBe(3);
    expect(rig.cargo.held.size).toBe(0);
  });

  test('a permanent error is passed on at once and the sink is not called again', async () => {
    const refusal = permanent('malformed', { code: 'BAD' });
    const sink = new ScriptedSink(fail(refusal));
    const rig = new Rig({ retry_on_failure: retryOf() }, sink);
    await expect(rig.delivery().consume(rig.cargo.shipment(ids(1, 3)))).rejects.toBe(refusal);
    expect(sink.calls).toHaveLength(1);
    expect(rig.count('exporter_send_failed_log_records')).toBe(3);
    expect(rig.cargo.held.size).toBe(0);
    // The sender has been told: nothing is given up on its behalf.
    expect(rig.givenUp).toEqual([]);
  });

  test('what the caller will bring again is counted as failed only when it is given up', async () => {
    const sink = new ScriptedSink(fail(unavailable), fail(unavailable), fail(permanent('malformed')));
    const rig = new Rig({}, sink);
    const delivery = rig.delivery();
    const bring = () => delivery.consume(rig.cargo.shipment(ids(1, 3)), { asksAgain: true });
    await expect(bring()).rejects.toBe(unavailable);
    await expect(bring()).rejects.toBe(unavailable);
    expect(rig.count('exporter_send_failed_log_records')).toBe(0);
    await expect(bring()).rejects.toMatchObject({ retryable: false });
    expect(rig.count('exporter_send_failed_log_records')).toBe(3);
  });

  test('without retry_on_failure a retryable error is passed on after one attempt', async () => {
    const sink = new ScriptedSink(fail(unavailable));
    const rig = new Rig({ retry_on_failure: retryOf({ enabled: false }) }, sink);
    await expect(rig.delivery().consume(rig.cargo.shipment([1]))).rejects.toBe(unavailable);
    expect(sink.calls).toHaveLength(1);
  });

  test('anything else that a sink throws is permanent', async () => {
    const rig = new Rig(
      { retry_on_failure: retryOf() },
      {
        send: () => {
          throw new TypeError('undefined is not a function');
        },
      },
    );
    await expect(rig.delivery().consume(rig.cargo.shipment([1]))).rejects.toMatchObject({
      code: 'UNEXPECTED',
      retryable: false,
    });
    expect(rig.cargo.held.size).toBe(0);
  });

  test('a partial success counts its items as sent and the others as failed', async () => {
    const rig = new Rig({}, new ScriptedSink(fail(permanent('3 rejected', { failedItems: 3 }))));
    await expect(rig.delivery().consume(rig.cargo.shipment(ids(1, 10)))).rejects.toMatchObject({ failedItems: 3 });
    expect(rig.count('exporter_sent_log_records')).toBe(7);
    expect(rig.count('exporter_send_failed_log_records')).toBe(3);
  });
});

describe('retrying', () => {
  test('the waits between attempts follow the backoff', async () => {
    const at: number[] = [];
    const rig = new Rig(
      { retry_on_failure: retryOf() },
      {
        send: () => {
          at.push(rig.clock.monotonic());
          return at.length < 4 ? Promise.reject(unavailable) : Promise.resolve();
        },
      },
    );
    const consumed = watch(rig.delivery().consume(rig.cargo.shipment([1])));
    await rig.clock.advance(60_000);
    expect(at).toEqual([0, 5000, 12_500, 23_750]);
    expect(consumed.state).toBe('resolved');
    expect(rig.count('exporter_sent_log_records')).toBe(1);
    expect(rig.count('exporter_send_duration:count')).toBe(4);
  });

  test('a delay that the destination asks for wins when it is longer than the backoff, and only then', async () => {
    const at: number[] = [];
    const delays = [20_000, 1000];
    const rig = new Rig(
      { retry_on_failure: retryOf() },
      {
        send: () => {
          at.push(rig.clock.monotonic());
          const retryAfterMs = delays.shift();
          return retryAfterMs === undefined
            ? Promise.resolve()
            : Promise.reject(retryable('slow down', { retryAfterMs }));
        },
      },
    );
    const consumed = watch(rig.delivery().consume(rig.cargo.shipment([1])));
    await rig.clock.advance(60_000);
    expect(at).toEqual([0, 20_000, 27_500]);
    expect(consumed.state).toBe('resolved');
  });

  test('it gives up as soon as the next attempt would come after max_elapsed_time', async () => {
    const sink = new ScriptedSink(...Array.from({ length: 9 }, () => fail(unavailable)));
    const rig = new Rig({ retry_on_failure: retryOf({ max_elapsed_time: 12_499 }) }, sink);
    const consumed = watch(rig.delivery().consume(rig.cargo.shipment([1])));
    await rig.clock.advance(5000);
    expect(consumed.state).toMatchObject({ code: 'RETRIES_EXHAUSTED', retryable: true, cause: unavailable });
    expect(sink.calls).toHaveLength(2);
    expect(rig.clock.pending).toBe(0);
  });

  test('with max_elapsed_time 0 it never gives up', async () => {
    const sink = new ScriptedSink(...Array.from({ length: 1000 }, () => fail(unavailable)));
    const rig = new Rig({ retry_on_failure: retryOf({ max_elapsed_time: 0 }) }, sink);
    const consumed = watch(rig.delivery().consume(rig.cargo.shipment([1])));
    await rig.clock.advance(900 * 30_000);
    expect(consumed.state).toBe('pending');
    await rig.clock.advance(101 * 30_000);
    expect(consumed.state).toBe('resolved');
  });
});

describe('the timeout', () => {
  test('aborts an attempt, which then counts as retryable', async () => {
    const sink = new ScriptedSink(hang, hang);
    const rig = new Rig({ timeout: 5000, retry_on_failure: retryOf() }, sink);
    const consumed = watch(rig.delivery().consume(rig.cargo.shipment([1])));
    await rig.clock.advance(5000 + 5000 + 5000);
    expect(sink.calls).toHaveLength(2);
    expect(consumed.state).toBe('pending');
    await rig.clock.advance(7500);
    expect(consumed.state).toBe('resolved');
    expect(rig.clock.pending).toBe(0);
  });

  test('of 0 does not exist', async () => {
    const rig = new Rig({ timeout: 0 }, new ScriptedSink(hang));
    const consumed = watch(rig.delivery().consume(rig.cargo.shipment([1])));
    await rig.clock.advance(1e9);
    expect(consumed.state).toBe('pending');
  });

  test('is told to the sender even if the sink ignores the abort, and the bytes stay until it lets go', async () => {
    const stuck = deaf();
    const rig = new Rig({ timeout: 5000 }, new ScriptedSink(stuck.act));
    const consumed = watch(rig.delivery().consume(rig.cargo.shipment([1])));
    await rig.clock.advance(5000);
    expect(consumed.state).toMatchObject({ code: 'TIMEOUT', retryable: true });
    expect(rig.cargo.held.size).toBe(1);
    stuck.end(new Error('at last'));
    await rig.clock.settle();
    expect(rig.cargo.held.size).toBe(0);
    expect(rig.cargo.faults).toEqual([]);
  });

  test('never lets one shipment be with the sink twice, and an answer that comes late counts', async () => {
    const stuck = deaf();
    const sink = new ScriptedSink(stuck.act);
    const rig = new Rig({ timeout: 5000, retry_on_failure: retryOf() }, sink);
    const consumed = watch(rig.delivery().consume(rig.cargo.shipment([1])));
    await rig.clock.advance(100_000);
    expect(sink.calls).toHaveLength(1);
    expect(consumed.state).toBe('pending');
    stuck.end();
    await rig.clock.settle();
    expect(consumed.state).toBe('resolved');
    expect(sink.calls).toHaveLength(1);
    expect(rig.clock.pending).toBe(0);
  });

  test('ends in giving up when the sink never lets go', async () => {
    const rig = new Rig({ timeout: 5000, retry_on_failure: retryOf() }, new ScriptedSink(deaf().act));
    const consumed = watch(rig.delivery().consume(rig.cargo.shipment([1])));
    await rig.clock.advance(300_000);
    expect(consumed.state).toMatchObject({ code: 'RETRIES_EXHAUSTED' });
    expect(rig.clock.pending).toBe(0);
  });
});

describe('shutdown', () => {
  test('ends a wait for a retry with one last attempt', async () => {
    const sink = new ScriptedSink(fail(unavailable), take);
    const rig = new Rig({ retry_on_failure: retryOf() }, sink);
    const delivery = rig.delivery();
    const consumed = watch(delivery.consume(rig.cargo.shipment([1])));
    await rig.clock.advance(1000);
    await expect(delivery.shutdown({ deadlineMs: 2000 })).resolves.toEqual({ leftItems: 0, keptItems: 0 });
    expect(consumed.state).toBe('resolved');
    expect(sink.calls).toHaveLength(2);
    expect(rig.clock.pending).toBe(0);
  });

  test('tells the sender to come back when the last attempt fails, too', async () => {
    const sink = new ScriptedSink(fail(unavailable), fail(unavailable), fail(unavailable));
    const rig = new Rig({ retry_on_failure: retryOf() }, sink);
    const delivery = rig.delivery();
    const consumed = watch(delivery.consume(rig.cargo.shipment([1])));
    await rig.clock.advance(1000);
    await delivery.shutdown({ deadlineMs: 2000 });
    expect(consumed.state).toMatchObject({ code: 'SHUTDOWN', retryable: true });
    expect(sink.calls).toHaveLength(2);
  });

  test('aborts at its deadline what is still under way', async () => {
    const rig = new Rig({ retry_on_failure: retryOf() }, new ScriptedSink(hang));
    const delivery = rig.delivery();
    const consumed = watch(delivery.consume(rig.cargo.shipment([1])));
    const over = watch(delivery.shutdown({ deadlineMs: 3000 }));
    await rig.clock.advance(2999);
    expect(over.state).toBe('pending');
    await rig.clock.advance(1);
    expect(over.state).toBe('resolved');
    expect(consumed.state).toMatchObject({ code: 'SHUTDOWN', retryable: true });
    expect(rig.cargo.held.size).toBe(0);
  });

  test('refuses what comes after it, so that the sender tries again elsewhere', async () => {
    const rig = new Rig({}, new ScriptedSink());
    const delivery = rig.delivery();
    await delivery.shutdown({ deadlineMs: 0 });
    await expect(delivery.consume(rig.cargo.shipment([1]))).rejects.toMatchObject({
      code: 'SHUTDOWN',
      retryable: true,
    });
    expect(rig.cargo.held.size).toBe(0);
  });
});

describe('status', () => {
  test('is reported when sending fails twice in a row, and when it works again', async () => {
    const rig = new Rig({}, new ScriptedSink(fail(unavailable), fail(unavailable), fail(unavailable)));
    const delivery = rig.delivery();
    const seen: number[] = [];
    for (let call = 0; call < 4; call += 1) {
      const consumed = watch(delivery.consume(rig.cargo.shipment([call])));
      await rig.clock.settle();
      expect(consumed.state).toBe(call < 3 ? unavailable : 'resolved');
      seen.push(rig.statuses.length);
    }
    expect(rig.statuses).toEqual(['recoverable_error', 'ok']);
    expect(seen).toEqual([0, 1, 1, 2]);
  });

  test('is permanent when the destination refuses everything for good', async () => {
    const refusals = Array.from({ length: 6 }, () => fail(permanent('401 unauthorized')));
    const rig = new Rig({}, new ScriptedSink(...refusals));
    const delivery = rig.delivery();
    for (let call = 0; call < 6; call += 1) {
      await expect(delivery.consume(rig.cargo.shipment([call]))).rejects.toThrow('401');
    }
    expect(rig.statuses).toEqual(['recoverable_error', 'permanent_error']);
  });

  test('stays ok when the destination takes a part', async () => {
    const partial = fail(permanent('1 rejected', { failedItems: 1 }));
    const rig = new Rig({}, new ScriptedSink(partial, partial, partial, partial, partial, partial));
    const delivery = rig.delivery();
    for (let call = 0; call < 6; call += 1) {
      await expect(delivery.consume(rig.cargo.shipment([call, 7]))).rejects.toThrow('1 rejected');
    }
    expect(rig.statuses).toEqual([]);
  });
});
