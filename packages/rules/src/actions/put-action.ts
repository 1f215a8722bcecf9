import { type AttributeEdit, encodeAnyValue, Key, type AnyValueInput, type AttributesView } from '@millrace/otlp';
import { isSet, type ActionSettings } from './action-settings.ts';
import type { AttributeAction, Sender } from './attribute-actions.ts';
import { contextValue } from './context-value.ts';

/** `insert`, `update` and `upsert`. Values are kept, and copied between attributes, as they are on the wire. */
export class PutAction implements AttributeAction {
  readonly edit: AttributeEdit | undefined;
  readonly #key: Key;
  readonly #whenPresent: boolean;
  readonly #whenAbsent: boolean;
  readonly #fromAttribute: Key | undefined;
  readonly #fromContext: string;
  readonly #defaultValue: Uint8Array | undefined;
  /** What is put unless there is an attribute to take it from. */
  #value: Uint8Array | undefined;

  constructor(name: 'insert' | 'update' | 'upsert', settings: ActionSettings) {
    const { key, value, from_attribute, from_context, default_value } = settings;
    this.#key = new Key(key);
    this.#whenPresent = name !== 'insert';
    this.#whenAbsent = name !== 'update';
    this.#fromAttribute = from_attribute === '' || isSet(value) ? undefined : new Key(from_attribute);
    this.#fromContext = isSet(value) ? '' : from_context;
    this.#defaultValue = isSet(default_value) ? encodeAnyValue(default_value as AnyValueInput) : undefined;
    this.#value = isSet(value) ? encodeAnyValue(value as AnyValueInput) : this.#defaultValue;
    this.edit = this.#fromContext === '' ? this.#editFor(name) : undefined;
  }

  #editFor(name: 'insert' | 'update' | 'upsert'): AttributeEdit | undefined {
    const [key, from, value] = [this.#key, this.#fromAttribute, this.#value];
    if (from === undefined) return value && { do: name, key, value };
    return name === 'insert' ? { do: name, key, from, ...(value && { value }) } : undefined;
  }

  begin(sender: Sender): void {
    if (this.#fromContext === '') return;
    const text = contextValue(sender.context, this.#fromContext);
    this.#value = text === undefined ? this.#defaultValue : encodeAnyValue(text);
  }

  apply(attributes: AttributesView): void {
    const key = this.#key;
    if (!(this.#whenPresent && this.#whenAbsent) && attributes.has(key) !== this.#whenPresent) return;
    const from = this.#fromAttribute;
    const value = from === undefined ? this.#value : (attributes.raw(from) ?? this.#value);
    if (value !== undefined) attributes.setRaw(key, value);
  }
}
