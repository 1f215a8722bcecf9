import type { StepTools } from '@millrace/api';
import type { MetricsBatch } from '@millrace/otlp';
import { AttributesMatcher, type MatchType, textMatcher, type TextMatcher } from '@millrace/rules';
import type { FilterSettings, MetricProperties } from './filter-settings.ts';

/** What decides over a metric: its resource and its name, each by itself. */
export interface MetricSelections {
  readonly resources: IncludeExclude<AttributesMatcher>;
  readonly names: IncludeExclude<TextMatcher>;
}

interface IncludeExclude<Matcher> {
  readonly include: Matcher | undefined;
  readonly exclude: Matcher | undefined;
}

export function metricSelections({ include, exclude }: FilterSettings['metrics']): MetricSelections {
  return {
    resources: { include: resourcesOf(include), exclude: resourcesOf(exclude) },
    names: { include: namesOf(include), exclude: namesOf(exclude) },
  };
}

function resourcesOf(properties: MetricProperties | undefined): AttributesMatcher | undefined {
  if (properties === undefined || properties.resource_attributes.length === 0) return undefined;
  return new AttributesMatcher(properties.resource_attributes, typeOf(properties));
}

function namesOf(properties: MetricProperties | undefined): TextMatcher | undefined {
  if (properties === undefined || properties.metric_names.length === 0) return undefined;
  return textMatcher(properties.metric_names, typeOf(properties));
}

function typeOf({ match_type }: MetricProperties): MatchType | undefined {
  return match_type === 'expr' ? undefined : match_type;
}

/** Drops the metrics that are not selected, and with them scopes and resources that have none. */
export function dropMetrics(batch: MetricsBatch, { resources, names }: MetricSelections, tools: StepTools): void {
  const looksAtNames = names.include !== undefined || names.exclude !== undefined;
  if (!looksAtNames && resources.include === undefined && resources.exclude === undefined) return;
  const before = batch.itemCount;
  for (const resource of batch.resources) {
    const { attributes } = resource;
    let scopesKept = 0;
    if (resources.include?.matches(attributes) !== false && resources.exclude?.matches(attributes) !== true) {
      for (const scope of resource.scopes) {
        let kept = looksAtNames ? 0 : 1;
        if (looksAtNames) {
          for (const metric of scope.metrics) {
            const { name } = metric;
            if (names.include?.matches(name) !== false && names.exclude?.matches(name) !== true) kept++;
            else metric.drop();
          }
        }
        if (kept > 0) scopesKept++;
        else scope.drop();
      }
    }
    if (scopesKept === 0) resource.drop();
  }
  tools.count('processor_filter_datapoints.filtered', before - batch.itemCount);
}
