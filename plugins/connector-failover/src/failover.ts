import {
  type Batch,
  ComponentError,
  type ConnectorHost,
  type Counter,
  DeliveryError,
  messageOf,
  permanent,
  type StatefulConnector,
} from '@millrace/api';

export interface FailoverSettings {
  /** Ids of pipelines by priority, best first. */
  readonly levels: readonly (readonly string[])[];
  readonly retryIntervalMs: number;
}

/**
 * Gives each batch to the present level, and to the ones below it until one has taken it. A refusal makes the next level
 * the present one for all; from time to time one batch is tried from the top again, and where it is taken becomes the
 * present level. When every level has refused a batch, its sender is told, and the next batch begins at the top.
 *
 * It holds nothing: who sends waits for the level that takes the data.
 */
export class Failover implements StatefulConnector {
  readonly #levels: FailoverSettings['levels'];
  readonly #retryIntervalMs: number;
  readonly #host: ConnectorHost;
  readonly #failures: Counter;
  #present = 0;
  #cancelTimer: (() => void) | undefined;
  /** The next batch is tried from the top. */
  #isRetryDue = false;
  #isClosing = false;

  constructor({ levels, retryIntervalMs }: FailoverSettings, host: ConnectorHost) {
    checkPipelines(levels, host);
    this.#levels = levels;
    this.#retryIntervalMs = retryIntervalMs;
    this.#host = host;
    this.#failures = host.telemetry.counter('connector_failover_count', {
      description: 'Number of times the connector failed from the respective level',
      unit: '{times}',
    });
  }

  async consume(batch: Batch): Promise<void> {
    try {
      await this.#deliver(batch);
    } finally {
      batch.release();
    }
  }

  shutdown(): Promise<void> {
    this.#isClosing = true;
    this.#cancelTimer?.();
    return Promise.resolve();
  }

  async #deliver(batch: Batch): Promise<void> {
    const refusals: DeliveryError[] = [];
    for (let level = this.#firstLevel(); level < this.#levels.length; level++) {
      const refusal = await this.#offer(batch, level);
      if (refusal === undefined) return this.#worked(level);
      // The level has taken the other items: they must not come again.
      if (refusal.failedItems !== undefined && refusal.failedItems < batch.items) throw refusal;
      refusals.push(refusal);
      this.#failed(level, refusal);
    }
    throw exhausted(this.#host.id, refusals);
  }

  /** Where the next batch is tried first. */
  #firstLevel(): number {
    if (!this.#isRetryDue) return this.#present;
    this.#isRetryDue = false;
    this.#retryLater();
    return 0;
  }

  async #offer(batch: Batch, level: number): Promise<DeliveryError | undefined> {
    try {
      await this.#host.next([batch.share()], this.#levels[level]);
      return undefined;
    } catch (error) {
      return error instanceof DeliveryError ? error : permanent(messageOf(error), { cause: error });
    }
  }

  #worked(level: number): void {
    if (level >= this.#present) return;
    this.#moveTo(level);
    this.#host.logger.info('back at a higher priority level', { level: level + 1, pipelines: this.#levels[level] });
  }

  #failed(level: number, { message, code }: DeliveryError): void {
    // Others may have found out before.
    if (level !== this.#present) return;
    this.#failures.add(1, { connector: this.#host.id, level: String(level + 1) });
    const isLast = level + 1 === this.#levels.length;
    this.#moveTo(isLast ? 0 : level + 1);
    const fields = { level: level + 1, pipelines: this.#levels[level], code, reason: message };
    if (isLast) this.#host.logger.error('the last priority level failed; starting at the top again', fields);
    else this.#host.logger.warn('a priority level failed; going on with the next', fields);
  }

  #moveTo(level: number): void {
    this.#present = level;
    const text = `on priority level ${level + 1} of ${this.#levels.length}`;
    this.#host.reportStatus(level === 0 ? 'ok' : 'recoverable_error', level === 0 ? undefined : text);
    this.#retryLater();
  }

  /** There is something to go back to only below the first level. */
  #retryLater(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#isRetryDue = false;
    if (this.#present === 0 || this.#isClosing) return;
    this.#cancelTimer = this.#host.clock.after(this.#retryIntervalMs, () => {
      this.#cancelTimer = undefined;
      this.#isRetryDue = true;
    });
  }
}

/** What may succeed later must come again, even where some level can never take it. */
function exhausted(id: string, refusals: readonly DeliveryError[]): DeliveryError {
  const cause = refusals.find(({ retryable }) => retryable) ?? refusals[0];
  const { retryable, retryAfterMs, message } = cause;
  return new DeliveryError(`no priority level of "${id}" took the data: ${message}`, {
    code: 'LEVELS_EXHAUSTED',
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause,
  });
}

function checkPipelines(levels: FailoverSettings['levels'], { id, to, pipelines }: ConnectorHost): void {
  const strange = levels.flat().find((pipeline) => !pipelines.includes(pipeline));
  if (strange === undefined) return;
  throw new ComponentError(`priority_levels of "${id}" names "${strange}", which receives no ${to} from it`, {
    code: 'PIPELINE_UNKNOWN',
    remedy: `name ${to} pipelines that have "${id}" among their receivers: ${pipelines.join(', ')}`,
  });
}
