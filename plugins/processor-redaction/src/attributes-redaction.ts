import type { AttributesView } from '@millrace/otlp';
import { formatValue } from '@millrace/rules';
import type { KeyClasses } from './key-classes.ts';
import { RedactionSummary, type SummaryLevel } from './redaction-summary.ts';
import type { Sanitizers } from './sanitize/sanitizers.ts';
import type { ValueMasking } from './value-masking.ts';

type Test = Parameters<AttributesView['deleteWhere']>[0];
type Attribute = Parameters<Test>[0];

/** Redacts the attributes of a resource, scope, item or part of one. */
export class AttributesRedaction {
  readonly #classes: KeyClasses;
  readonly #masking: ValueMasking;
  readonly #sanitizers: Sanitizers;
  readonly #allTypes: boolean;
  readonly #summary: RedactionSummary;
  readonly #maskedKeys: string[] = [];
  readonly #maskedValues: string[] = [];
  readonly #visit: Test = (attribute) => this.#decide(attribute);
  readonly #doesNothing: boolean;
  /** Of the attributes at hand. */
  readonly #context = { system: '', isLog: false };
  /** An earlier redaction has left its summary in them. */
  #hasEarlier = false;

  constructor(
    classes: KeyClasses,
    values: { readonly masking: ValueMasking; readonly sanitizers: Sanitizers },
    options: { readonly allTypes: boolean; readonly summary: SummaryLevel },
  ) {
    const { masking, sanitizers } = values;
    this.#classes = classes;
    this.#masking = masking;
    this.#sanitizers = sanitizers;
    this.#allTypes = options.allTypes;
    this.#summary = new RedactionSummary(options.summary, 'attributes');
    this.#doesNothing = classes.isTrivial && !masking.looksAtValues && !sanitizers.looksAtAttributes;
  }

  /** `isLog` is for attributes of log records, their resources and their scopes. */
  apply(attributes: AttributesView, isLog = false): void {
    if (this.#doesNothing) return;
    this.#context.system = this.#sanitizers.systemOf(attributes);
    this.#context.isLog = isLog;
    this.#hasEarlier = false;
    this.#classes.restart();
    attributes.deleteWhere(this.#visit);
    for (let i = 0; i < this.#maskedKeys.length; i++) attributes.set(this.#maskedKeys[i], this.#maskedValues[i]);
    this.#maskedKeys.length = 0;
    this.#maskedValues.length = 0;
    this.#summary.writeTo(attributes, this.#hasEarlier);
  }

  /** Whether the attribute goes; what it will be is noted. */
  #decide(attribute: Attribute): boolean {
    const group = this.#classes.ofAttribute(attribute);
    if (group === 'summary') {
      this.#hasEarlier = true;
      return false;
    }
    if (group === 'ignored' || group === 'removed') {
      const isRemoved = group === 'removed';
      if (this.#summary.isKept) this.#summary.note(isRemoved ? 'redacted' : 'ignored', attribute.key);
      return isRemoved;
    }
    if (group === 'checked' && !this.#masking.looksAtValues && !this.#sanitizers.takes(attribute)) return false;
    const text = this.#textOf(attribute);
    if (this.#masking.allows(text)) {
      if (this.#summary.isKept) this.#summary.note('allowed', attribute.key);
      return false;
    }
    const masked = group === 'masked' ? this.#masking.maskedWhole(text) : this.#sanitized(attribute, text);
    if (group === 'checked' && masked === text) return false;
    this.#maskedKeys.push(attribute.key);
    this.#maskedValues.push(masked);
    if (this.#summary.isKept) this.#summary.note('masked', attribute.key);
    return false;
  }

  #sanitized(attribute: Attribute, text: string): string {
    return this.#sanitizers.attribute(this.#masking.masked(text), attribute, this.#context);
  }

  /** What patterns see: '' for what is no string, unless all types are redacted. */
  #textOf(attribute: Attribute): string {
    return attribute.text ?? (this.#allTypes ? formatValue(attribute.value) : '');
  }
}
