export { ATTRIBUTE_PLACES, type AttributePlace } from './value/attribute-place.ts';
export { contentOf, type EditedValue, editElements } from './value/edit-value.ts';
export { formatPlainDouble, formatValue } from './value/format-value.ts';
export { parseDouble, parseInt64 } from './value/parse-number.ts';
export { attributeActions, checkActions, usesContext, type ActionSettings } from './actions/action-settings.ts';
export { AttributeActions } from './actions/attribute-actions.ts';
export {
  attributeMatches,
  matchSettings,
  NO_CRITERIA,
  regexpCache,
  texts,
  type AttributeMatch,
  type MatchProperties,
  type MatchSettings,
  type MatchType,
} from './match/match-settings.ts';
export {
  checkAttributeMatches,
  checkMatch,
  checkTexts,
  matchSupports,
  type MatchedSignal,
} from './match/check-match.ts';
export { AttributesMatcher } from './match/attributes-matcher.ts';
export type { ItemRule, ScopeName } from './match/item-rule.ts';
export { LogRule } from './match/log-rule.ts';
export { MetricRule } from './match/metric-rule.ts';
export { SpanRule } from './match/span-rule.ts';
export { Selection } from './match/selection.ts';
export { textMatcher, type TextMatcher } from './match/text-matcher.ts';
