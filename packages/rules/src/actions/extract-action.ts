import { Key, type AttributesView } from '@millrace/otlp';
import { compilePattern, type Pattern } from '@millrace/pattern';
import type { ActionSettings } from './action-settings.ts';
import type { AttributeAction } from './attribute-actions.ts';

/** `extract`: the named groups of a pattern become attributes, '' where one took no part in the match. Strings only. */
export class ExtractAction implements AttributeAction {
  readonly #key: Key;
  readonly #pattern: Pattern;
  readonly #targets: readonly Key[];

  constructor({ key, pattern }: ActionSettings) {
    this.#key = new Key(key);
    this.#pattern = compilePattern(pattern);
    this.#targets = this.#pattern.groupNames.map((name) => new Key(name));
  }

  apply(attributes: AttributesView): void {
    const value = attributes.get(this.#key);
    if (typeof value !== 'string') return;
    const match = this.#pattern.exec(value);
    if (match === null) return;
    const targets = this.#targets;
    for (let i = 0; i < targets.length; i++) attributes.set(targets[i], match.groups[i] ?? '');
  }
}
