import { DeliveryError } from '@millrace/api';
import type { Clock, Sink } from '@millrace/api';
import { asDeliveryError, shuttingDown, timedOut } from './delivery-errors.ts';
import type { Shipment } from './shipment.ts';
import type { Trigger } from './trigger.ts';

/** How a send ended; `error` undefined: the destination has the data. */
export interface Verdict {
  readonly error: DeliveryError | undefined;
}

/** One call of a sink. */
export interface Attempt {
  /**
   * Comes with the sink's answer, at the timeout, or when the collector cannot wait any longer, whichever is first.
   * Never rejects.
   */
  readonly verdict: Promise<Verdict>;
  /**
   * Comes when the sink has let go of the bytes; a sink that ignores the abort may take long, and its answer may
   * still be that the data has arrived. Never rejects.
   */
  readonly settled: Promise<Verdict>;
  /** The sink's answer, once it has let go. */
  readonly answer: Verdict | undefined;
}

export interface AttemptOptions {
  readonly id: string;
  readonly sink: Pick<Sink, 'send'>;
  readonly clock: Clock;
  /** 0: no limit. */
  readonly timeoutMs: number;
  /** Fires when the collector cannot wait any longer. */
  readonly force: Trigger;
}

/** Starts to send a shipment. Its bytes must stay valid until `settled`. */
export function startAttempt(shipment: Shipment, options: AttemptOptions): Attempt {
  const { id, sink, clock, timeoutMs, force } = options;
  const abort = new AbortController();
  const verdict = Promise.withResolvers<Verdict>();
  let interruption: DeliveryError | undefined;
  let answer: Verdict | undefined;
  const cancelTimer =
    timeoutMs > 0
      ? clock.after(timeoutMs, () => {
          interrupt(timedOut(id, timeoutMs));
        })
      : undefined;
  const unsubscribe = force.subscribe(() => {
    interrupt(shuttingDown(id));
  });

  function interrupt(error: DeliveryError): void {
    if (interruption !== undefined || answer !== undefined) return;
    interruption = error;
    // The verdict first: what the sink makes of the abort must not count.
    verdict.resolve({ error });
    abort.abort(error);
  }

  async function send(): Promise<Verdict> {
    try {
      await sink.send({
        signal: shipment.signal,
        bytes: shipment.payload,
        items: shipment.items,
        context: shipment.context,
        abort: abort.signal,
      });
      answer = { error: undefined };
    } catch (error) {
      // After an abort, only an error that the sink made on purpose says anything about the data.
      answer = {
        error:
          interruption !== undefined && !(error instanceof DeliveryError) ? interruption : asDeliveryError(id, error),
      };
    }
    cancelTimer?.();
    unsubscribe();
    verdict.resolve(answer);
    return answer;
  }

  const settled = send();
  return {
    verdict: verdict.promise,
    settled,
    get answer() {
      return answer;
    },
  };
}
