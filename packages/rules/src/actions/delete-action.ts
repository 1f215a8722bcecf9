import { type AttributeEdit, Key, type AttributesView } from '@millrace/otlp';
import type { ActionSettings } from './action-settings.ts';
import type { AttributeAction } from './attribute-actions.ts';
import { KeyVerdicts } from './key-verdicts.ts';

/** `delete`: by key, and all whose key matches a pattern. */
export class DeleteAction implements AttributeAction {
  readonly edit: AttributeEdit | undefined;
  readonly #key: Key | undefined;
  readonly #verdicts: KeyVerdicts | undefined;
  readonly #isMatch: Parameters<AttributesView['deleteWhere']>[0];

  constructor({ key, pattern }: ActionSettings) {
    this.#key = key === '' ? undefined : new Key(key);
    const verdicts = pattern === '' ? undefined : new KeyVerdicts(pattern);
    this.#verdicts = verdicts;
    this.edit = this.#key === undefined || verdicts !== undefined ? undefined : { do: 'delete', key: this.#key };
    this.#isMatch = (attribute) => verdicts!.matches(attribute);
  }

  apply(attributes: AttributesView): void {
    if (this.#key !== undefined) attributes.delete(this.#key);
    if (this.#verdicts === undefined) return;
    this.#verdicts.restart();
    attributes.deleteWhere(this.#isMatch);
  }
}
