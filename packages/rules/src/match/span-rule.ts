import { key, type AttributesView, type SpanView } from '@millrace/otlp';
import { formatValue } from '../value/format-value.ts';
import { AttributesMatcher } from './attributes-matcher.ts';
import type { ItemRule, ScopeName } from './item-rule.ts';
import type { MatchProperties } from './match-settings.ts';
import { ScopeMatcher } from './scope-matcher.ts';
import { textMatcher, type TextMatcher } from './text-matcher.ts';

/** By number, as in `span_kinds`. */
export const SPAN_KINDS: readonly string[] = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const SERVICE_NAME = key('service.name');
/** What expressions see where a resource has no service.name. */
const NO_SERVICE = '<nil-service-name>';

/** Matches spans. */
export class SpanRule implements ItemRule<SpanView> {
  readonly #services: TextMatcher | undefined;
  readonly #resources: AttributesMatcher;
  readonly #scopes: ScopeMatcher;
  readonly #names: TextMatcher | undefined;
  /** By number, whether the kind matches; the last entry is for numbers without a name. */
  readonly #kinds: readonly boolean[] | undefined;
  readonly #attributes: AttributesMatcher;

  constructor(properties: MatchProperties) {
    const { match_type: type, services, span_names, span_kinds } = properties;
    this.#services = services.length === 0 ? undefined : textMatcher(services, type);
    this.#resources = new AttributesMatcher(properties.resources, type);
    this.#scopes = new ScopeMatcher(properties.libraries, type);
    this.#names = span_names.length === 0 ? undefined : textMatcher(span_names, type);
    const kinds = textMatcher(span_kinds, type);
    this.#kinds = span_kinds.length === 0 ? undefined : [...SPAN_KINDS, ''].map((kind) => kinds.matches(kind));
    this.#attributes = new AttributesMatcher(properties.attributes, type);
  }

  matchesResource(attributes: AttributesView): boolean {
    if (this.#services !== undefined) {
      const service = attributes.get(SERVICE_NAME);
      if (!this.#services.matches(service === undefined ? NO_SERVICE : formatValue(service))) return false;
    }
    return this.#resources.matches(attributes);
  }

  matchesScope(scope: ScopeName): boolean {
    return this.#scopes.matches(scope);
  }

  matchesItem(span: SpanView): boolean {
    if (this.#kinds !== undefined && !this.#kinds[span.kind in SPAN_KINDS ? span.kind : SPAN_KINDS.length])
      return false;
    if (this.#names !== undefined && !this.#names.matches(span.name)) return false;
    return this.#attributes.matches(span.attributes);
  }
}
