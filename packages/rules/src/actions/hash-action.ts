import { hash } from 'node:crypto';
import { Key, type AttributesView } from '@millrace/otlp';
import type { ActionSettings } from './action-settings.ts';
import type { AttributeAction } from './attribute-actions.ts';
import { KeyVerdicts } from './key-verdicts.ts';

const FALSE = Uint8Array.of(0);
const TRUE = Uint8Array.of(1);

/**
 * `hash`: replaces a value by its SHA-256 in hex, of a string's UTF-8, of the eight little-endian bytes of a number, or of one
 * byte for a boolean. Values of all other kinds become ''.
 */
export class HashAction implements AttributeAction {
  readonly #key: Key | undefined;
  readonly #verdicts: KeyVerdicts | undefined;
  /** Notes the keys that match, and keeps them. */
  readonly #note: Parameters<AttributesView['deleteWhere']>[0];
  readonly #matching: string[] = [];
  readonly #bytes = new Uint8Array(8);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor({ key, pattern }: ActionSettings) {
    this.#key = key === '' ? undefined : new Key(key);
    const verdicts = pattern === '' ? undefined : new KeyVerdicts(pattern);
    this.#verdicts = verdicts;
    this.#note = (attribute) => {
      if (verdicts!.matches(attribute) && !this.#matching.includes(attribute.key)) this.#matching.push(attribute.key);
      return false;
    };
  }

  apply(attributes: AttributesView): void {
    if (this.#key !== undefined) this.#replace(attributes, this.#key);
    if (this.#verdicts === undefined) return;
    this.#verdicts.restart();
    attributes.deleteWhere(this.#note);
    for (const key of this.#matching) this.#replace(attributes, key);
    this.#matching.length = 0;
  }

  #replace(attributes: AttributesView, key: string | Key): void {
    const kind = attributes.kind(key);
    if (kind === undefined) return;
    let input: string | Uint8Array | undefined;
    switch (kind) {
      case 'string':
        input = attributes.get(key) as string;
        break;
      case 'bool':
        input = attributes.get(key) === true ? TRUE : FALSE;
        break;
      case 'int':
        this.#view.setBigInt64(0, attributes.getInt(key) as bigint, true);
        input = this.#bytes;
        break;
      case 'double':
        this.#view.setFloat64(0, attributes.get(key) as number, true);
        input = this.#bytes;
        break;
      default:
    }
    attributes.set(key, input === undefined ? '' : hash('sha256', input, 'hex'));
  }
}
