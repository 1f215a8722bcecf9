import type { ComponentHost, Counter } from '@millrace/api';

/** Items of one batch beyond the limit, by what became of them. */
export interface ExcessCount {
  /** For want of tokens under their own key. */
  droppedByLimit: number;
  /** For want of tokens that keys share for which there was no room. */
  droppedByOverflow: number;
  sampled: number;
  tagged: number;
}

/** What the limiter says of itself. */
export class LimiterMetrics {
  readonly #id: string;
  readonly #dropped: Counter;
  readonly #sampled: Counter;
  readonly #tagged: Counter;
  readonly #refused: Counter;
  readonly #stopGauge: () => void;

  constructor(host: ComponentHost, keys: () => number) {
    const { telemetry, id } = host;
    const items = (name: string, description: string) =>
      telemetry.counter(`processor_rate_limit_${name}`, { description, unit: '{items}' });
    this.#id = id;
    this.#dropped = items('dropped_items', 'Number of items beyond the limit that were dropped');
    this.#sampled = items('sampled_items', 'Number of items beyond the limit that were kept for all of those');
    this.#tagged = items('tagged_items', 'Number of items beyond the limit that were marked');
    this.#refused = items('refused_items', 'Number of items of requests that were refused, each time');
    this.#stopGauge = telemetry.gauge(
      'processor_rate_limit_keys',
      { description: 'Number of keys that have a limit of their own', unit: '{keys}', labels: { processor: id } },
      keys,
    );
  }

  excess({ droppedByLimit, droppedByOverflow, sampled, tagged }: ExcessCount): void {
    const labels = { processor: this.#id };
    if (droppedByLimit > 0) this.#dropped.add(droppedByLimit, { ...labels, reason: 'limit' });
    if (droppedByOverflow > 0) this.#dropped.add(droppedByOverflow, { ...labels, reason: 'overflow' });
    if (sampled > 0) this.#sampled.add(sampled, labels);
    if (tagged > 0) this.#tagged.add(tagged, labels);
  }

  refused(items: number): void {
    this.#refused.add(items, { processor: this.#id });
  }

  stop(): void {
    this.#stopGauge();
  }
}
