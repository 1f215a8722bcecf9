import type { AttributesView, MetricView } from '@millrace/otlp';
import { AttributesMatcher } from './attributes-matcher.ts';
import type { ItemRule } from './item-rule.ts';
import type { MatchProperties } from './match-settings.ts';
import { textMatcher, type TextMatcher } from './text-matcher.ts';

/** Matches metrics. */
export class MetricRule implements ItemRule<MetricView> {
  readonly #resources: AttributesMatcher;
  readonly #names: TextMatcher | undefined;

  constructor({
    match_type: type,
    metric_names,
    resources,
  }: Pick<MatchProperties, 'match_type' | 'metric_names' | 'resources'>) {
    this.#resources = new AttributesMatcher(resources, type);
    this.#names = metric_names.length === 0 ? undefined : textMatcher(metric_names, type);
  }

  matchesResource(attributes: AttributesView): boolean {
    return this.#resources.matches(attributes);
  }

  matchesScope(): boolean {
    return true;
  }

  matchesItem(metric: MetricView): boolean {
    return this.#names === undefined || this.#names.matches(metric.name);
  }
}
