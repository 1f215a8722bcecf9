import { ByteWriter, encodeAnyValue, readAnyValue, valueKind, WireReader, type LogRecordView } from '@millrace/otlp';
import { formatValue } from '@millrace/rules';
import { editList } from './edit-list.ts';
import type { KeyClasses } from './key-classes.ts';
import { RedactionSummary, type SummaryLevel } from './redaction-summary.ts';
import type { Sanitizers } from './sanitize/sanitizers.ts';
import type { ValueMasking } from './value-masking.ts';

/** Tags of AnyValue's array_value and kvlist_value, and of KeyValue's key and value. */
const ARRAY = 0x2a;
const KVLIST = 0x32;
const KEY = 0x0a;
const VALUE = 0x12;

/**
 * Redacts bodies of log records. Maps are treated like attributes, at every depth; all other values are checked as text, whatever
 * their type. What it did stands in the record's attributes, under the path of each key.
 */
export class BodyRedaction {
  readonly #classes: KeyClasses;
  readonly #masking: ValueMasking;
  readonly #sanitizers: Sanitizers;
  readonly #summary: RedactionSummary;
  readonly #looksAtValues: boolean;

  constructor(
    classes: KeyClasses,
    values: { readonly masking: ValueMasking; readonly sanitizers: Sanitizers },
    summary: SummaryLevel,
  ) {
    const { masking, sanitizers } = values;
    this.#classes = classes;
    this.#masking = masking;
    this.#sanitizers = sanitizers;
    this.#looksAtValues = masking.looksAtValues || sanitizers.looksAtBodies;
    this.#summary = new RedactionSummary(summary, 'body');
  }

  apply(record: LogRecordView): void {
    const { bodyField } = record;
    const { kind } = bodyField;
    const isTree = kind === 'kvlist' || kind === 'array';
    if (!this.#looksAtValues && (!isTree || this.#classes.isTrivial)) return;
    if (isTree) {
      const edited = this.#redactTree(bodyField.raw, '');
      if (edited !== undefined) bodyField.raw = edited;
    } else {
      const text = formatValue(bodyField.value);
      // As in the Collector, a body that is allowed is not mentioned.
      if (this.#masking.allows(text)) return;
      const masked = this.#sanitizers.body(this.#masking.masked(text));
      if (masked !== text) {
        bodyField.value = masked;
        this.#summary.note('masked', 'body');
      }
    }
    if (this.#summary.isKept) this.#summary.writeTo(record.attributes, true);
    else this.#summary.clear();
  }

  /** `value` is an AnyValue; undefined when nothing in it changes. */
  #redactValue(value: Uint8Array, path: string): Uint8Array | undefined {
    const kind = valueKind(value, 0, value.length);
    if (kind === 'kvlist' || kind === 'array') return this.#redactTree(value, path);
    const text = formatValue(readAnyValue(value, 0, value.length));
    if (this.#masking.allows(text)) {
      this.#summary.note('allowed', path);
      return undefined;
    }
    const masked = this.#sanitizers.body(this.#masking.masked(text));
    if (masked === text) return undefined;
    this.#summary.note('masked', path);
    return encodeAnyValue(masked);
  }

  #redactTree(value: Uint8Array, path: string): Uint8Array | undefined {
    const isMap = valueKind(value, 0, value.length) === 'kvlist';
    const list = fieldOf(value, isMap ? KVLIST : ARRAY);
    const prefix = path === '' ? '' : `${path}.`;
    const edited = isMap
      ? editList(list, (entry) => this.#redactEntry(entry, prefix))
      : editList(list, (element, index) => this.#redactValue(element, `${prefix}[${index}]`));
    return edited === undefined ? undefined : message(isMap ? 6 : 5, edited);
  }

  #redactEntry(entry: Uint8Array, prefix: string): Uint8Array | null | undefined {
    const keyBytes = fieldOf(entry, KEY);
    const value = fieldOf(entry, VALUE);
    const key = Buffer.from(keyBytes.buffer, keyBytes.byteOffset, keyBytes.byteLength).toString();
    const path = prefix + key;
    switch (this.#classes.of(key)) {
      case 'ignored':
        this.#summary.note('ignored', path);
        return undefined;
      case 'removed':
        this.#summary.note('redacted', path);
        return null;
      case 'masked': {
        const text = readAnyValue(value, 0, value.length);
        this.#summary.note('masked', path);
        return keyValue(keyBytes, encodeAnyValue(this.#masking.maskedWhole(typeof text === 'string' ? text : '')));
      }
      default: {
        const edited = this.#redactValue(value, path);
        return edited === undefined ? undefined : keyValue(keyBytes, edited);
      }
    }
  }
}

const NOTHING = new Uint8Array(0);

/** The content of a length-delimited field; the last one counts, and none is empty. */
function fieldOf(bytes: Uint8Array, wanted: number): Uint8Array {
  const reader = new WireReader(bytes);
  let found = NOTHING as Uint8Array;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === wanted) found = reader.range();
    else reader.skip(tag);
  }
  return found;
}

function message(field: number, content: Uint8Array): Uint8Array {
  const out = new ByteWriter(undefined, content.length + 16);
  out.bytesField(field, content);
  return out.take();
}

function keyValue(key: Uint8Array, value: Uint8Array): Uint8Array {
  const out = new ByteWriter(undefined, key.length + value.length + 16);
  out.bytesField(1, key);
  out.bytesField(2, value);
  return out.take();
}
