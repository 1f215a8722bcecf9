import { Key, type AttributesView } from '@millrace/otlp';
import { compilePattern } from '../pattern.ts';
import type { ActionSettings } from './action-settings.ts';
import type { AttributeAction } from './attribute-actions.ts';

/** `delete`: by key, and all whose key matches a pattern. */
export class DeleteAction implements AttributeAction {
  readonly #key: Key | undefined;
  readonly #isMatch: ((attribute: { readonly key: string }) => boolean) | undefined;

  constructor({ key, pattern }: ActionSettings) {
    this.#key = key === '' ? undefined : new Key(key);
    if (pattern !== '') {
      const compiled = compilePattern(pattern);
      this.#isMatch = (attribute) => compiled.test(attribute.key);
    }
  }

  apply(attributes: AttributesView): void {
    if (this.#key !== undefined) attributes.delete(this.#key);
    if (this.#isMatch !== undefined) attributes.deleteWhere(this.#isMatch);
  }
}
