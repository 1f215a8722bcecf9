import { type Receipt, retryable } from '@millrace/api';
import type { InProcessReceivers } from '@millrace/receiver-in-process/attached';
import type { LogsInput, MetricsInput, Origin, ProfilesInput, TracesInput } from '@millrace/receiver-in-process/input';
import type { InProcessReceiver } from '@millrace/receiver-in-process/receiver';

export interface AppReceiverSettings {
  readonly id: string;
  readonly receivers: InProcessReceivers;
  /** Around each call, from its begin until it is settled. */
  readonly around: (work: () => Promise<Receipt>) => Promise<Receipt>;
}

/**
 * Where a program gives its telemetry to a collector. Every call hands over one request: it resolves when each pipeline
 * of the receiver has taken responsibility for it, as the pipeline's guarantee says, and rejects with a DeliveryError
 * where not: then nobody has the data, or, with `failedItems`, all but so many of its items were taken. Where that
 * error is `retryable`, the same call may succeed later. What is passed may be changed once a call has returned.
 */
export class AppReceiver {
  readonly #settings: AppReceiverSettings;

  constructor(settings: AppReceiverSettings) {
    this.#settings = settings;
  }

  /** Its id in the configuration: `in_process/app`. */
  get id(): string {
    return this.#settings.id;
  }

  logs(input: LogsInput, origin?: Origin): Promise<Receipt> {
    return this.#with((receiver) => receiver.logs(input, origin));
  }

  traces(input: TracesInput, origin?: Origin): Promise<Receipt> {
    return this.#with((receiver) => receiver.traces(input, origin));
  }

  metrics(input: MetricsInput, origin?: Origin): Promise<Receipt> {
    return this.#with((receiver) => receiver.metrics(input, origin));
  }

  profiles(input: ProfilesInput): Promise<Receipt> {
    return this.#with((receiver) => receiver.profiles(input));
  }

  /** Asked for each time: a reload may have put another one in its place. */
  #with(send: (receiver: InProcessReceiver) => Promise<Receipt>): Promise<Receipt> {
    const { id, receivers, around } = this.#settings;
    const receiver = receivers.get(id);
    if (receiver !== undefined) return around(() => send(receiver));
    const gone = `the receiver "${id}" does not run: the collector was shut down, or its configuration has it no more`;
    return Promise.reject(retryable(gone, { code: 'RECEIVER_NOT_RUNNING', retryAfterMs: 1_000 }));
  }
}
