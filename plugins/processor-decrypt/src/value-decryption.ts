import { permanent } from '@millrace/api';
import { type JweDecryptor, JweError } from '@millrace/codec';
import { ByteWriter, readAnyValue, valueKind } from '@millrace/otlp';
import { contentOf, type EditedValue, editElements } from '@millrace/rules';
import type { DecryptSettings } from './decrypt-settings.ts';
import { restoredValue } from './restored-value.ts';

/** Fields of AnyValue, and of KeyValue, with their tags. */
const ARRAY = { field: 5, tag: 0x2a };
const KVLIST = { field: 6, tag: 0x32 };
const KEY = { field: 1, tag: 0x0a };
const VALUE = { field: 2, tag: 0x12 };

/** Whether a key of the outermost map is searched. */
export type KeyTest = (key: string) => boolean;

/** Decrypts AnyValues, as wire bytes, with what is in them, and counts. */
export class ValueDecryption {
  readonly #decryptor: JweDecryptor;
  readonly #onError: DecryptSettings['on_error'];
  decrypted = 0;
  failed = 0;
  /** Of the failed ones, those whose key is not at hand. */
  withoutKey = 0;

  constructor(decryptor: JweDecryptor, onError: DecryptSettings['on_error']) {
    this.#decryptor = decryptor;
    this.#onError = onError;
  }

  /** Before each batch. */
  begin(): void {
    this.decrypted = this.failed = this.withoutKey = 0;
  }

  /** Undefined for what stays, null for what goes. */
  edit(value: Uint8Array): EditedValue {
    switch (valueKind(value, 0, value.length)) {
      case 'string':
        return this.#open(readAnyValue(value, 0, value.length) as string);
      case 'array':
        return wrapped(
          ARRAY.field,
          editElements(contentOf(value, ARRAY.tag), (element) => this.edit(element)),
        );
      case 'kvlist':
        return this.editMap(value, () => true);
      default:
        return undefined;
    }
  }

  /** The same for a map of which not all keys are searched. */
  editMap(value: Uint8Array, isSearched: KeyTest): EditedValue {
    return wrapped(
      KVLIST.field,
      editElements(contentOf(value, KVLIST.tag), (entry) => this.#editEntry(entry, isSearched)),
    );
  }

  #editEntry(entry: Uint8Array, isSearched: KeyTest): EditedValue {
    const key = contentOf(entry, KEY.tag);
    if (!isSearched(Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString())) return undefined;
    const edited = this.edit(contentOf(entry, VALUE.tag));
    if (edited === undefined || edited === null) return edited;
    const out = new ByteWriter(undefined, key.length + edited.length + 16);
    out.bytesField(KEY.field, key);
    out.bytesField(VALUE.field, edited);
    return out.take();
  }

  #open(text: string): EditedValue {
    const content = this.#decryptor.decrypt(text);
    if (content === undefined) return undefined;
    if (!(content instanceof JweError)) {
      this.decrypted++;
      return restoredValue(content);
    }
    if (this.#onError === 'fail') throw permanent(`cannot decrypt a field: ${content.message}`, { code: content.code });
    this.failed++;
    if (content.code === 'UNKNOWN_KEY') this.withoutKey++;
    return this.#onError === 'drop' ? null : undefined;
  }
}

function wrapped(field: number, content: Uint8Array | undefined): Uint8Array | undefined {
  if (content === undefined) return undefined;
  const out = new ByteWriter(undefined, content.length + 16);
  out.bytesField(field, content);
  return out.take();
}
