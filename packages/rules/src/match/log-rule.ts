import { Key, type AttributesView, type LogRecordView } from '@millrace/otlp';
import { formatValue } from '../value/format-value.ts';
import { AttributesMatcher } from './attributes-matcher.ts';
import type { ItemRule, ScopeName } from './item-rule.ts';
import type { MatchProperties, MatchType, SeverityMatch } from './match-settings.ts';
import { ScopeMatcher } from './scope-matcher.ts';
import { textMatcher, type TextMatcher } from './text-matcher.ts';

/** Matches log records. */
export class LogRule implements ItemRule<LogRecordView> {
  readonly #resources: AttributesMatcher;
  readonly #scopes: ScopeMatcher;
  readonly #bodies: BodyMatcher | undefined;
  readonly #severityTexts: TextMatcher | undefined;
  readonly #severity: SeverityMatch | undefined;
  readonly #attributes: AttributesMatcher;

  constructor(properties: MatchProperties) {
    const { match_type: type, log_bodies, log_severity_texts } = properties;
    this.#resources = new AttributesMatcher(properties.resources, type);
    this.#scopes = new ScopeMatcher(properties.libraries, type);
    this.#bodies = log_bodies.length === 0 ? undefined : new BodyMatcher(log_bodies, type);
    this.#severityTexts = log_severity_texts.length === 0 ? undefined : textMatcher(log_severity_texts, type);
    this.#severity = properties.log_severity_number;
    this.#attributes = new AttributesMatcher(properties.attributes, type);
  }

  matchesResource(attributes: AttributesView): boolean {
    return this.#resources.matches(attributes);
  }

  matchesScope(scope: ScopeName): boolean {
    return this.#scopes.matches(scope);
  }

  matchesItem(record: LogRecordView): boolean {
    if (this.#severity !== undefined && !hasSeverity(record, this.#severity)) return false;
    if (this.#severityTexts !== undefined && !this.#severityTexts.matches(record.severityText)) return false;
    if (!this.#attributes.matches(record.attributes)) return false;
    return this.#bodies === undefined || this.#bodies.matches(record);
  }
}

function hasSeverity(record: LogRecordView, { min, match_undefined }: SeverityMatch): boolean {
  const severity = record.severityNumber;
  return severity === 0 ? match_undefined : severity >= min;
}

/** Bodies that are no strings are compared as the text that the Collector makes of them. */
class BodyMatcher {
  /** For comparisons on the wire; undefined with expressions. */
  readonly #keys: readonly Key[] | undefined;
  readonly #texts: TextMatcher;

  constructor(bodies: readonly string[], type: MatchType | undefined) {
    this.#keys = type === 'regexp' ? undefined : bodies.map((body) => new Key(body));
    this.#texts = textMatcher(bodies, type);
  }

  matches({ bodyField }: LogRecordView): boolean {
    if (this.#keys === undefined || bodyField.kind !== 'string')
      return this.#texts.matches(formatValue(bodyField.value));
    for (let i = 0; i < this.#keys.length; i++) if (bodyField.equalsString(this.#keys[i])) return true;
    return false;
  }
}
