import type { MetricView } from '@millrace/otlp';
import { textMatcher, type TextMatcher } from '@millrace/rules';
import type { DeltaSettings } from './delta-settings.ts';

/** Chooses metrics by `include` and `exclude`. */
export class MetricFilter {
  readonly #include: Match;
  readonly #exclude: Match;

  constructor({ include, exclude }: DeltaSettings) {
    this.#include = new Match(include);
    this.#exclude = new Match(exclude);
  }

  chooses({ name, type }: MetricView): boolean {
    const include = this.#include;
    const exclude = this.#exclude;
    if (include.names !== undefined && !include.names.matches(name)) return false;
    if (include.types.size > 0 && !include.types.has(type.toLowerCase())) return false;
    return exclude.names?.matches(name) !== true && !exclude.types.has(type.toLowerCase());
  }
}

class Match {
  /** Undefined where there are none to compare. */
  readonly names: TextMatcher | undefined;
  readonly types: ReadonlySet<string>;

  constructor({ metrics, match_type, metric_types }: DeltaSettings['include']) {
    this.names = metrics.length === 0 ? undefined : textMatcher(metrics, match_type);
    this.types = new Set(metric_types.map((type) => type.toLowerCase()));
  }
}
