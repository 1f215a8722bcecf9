import { encodeAnyValue, key, type AnyValueInput, type AttributesView, type Key } from '@millrace/otlp';

interface Addition {
  readonly key: Key;
  /** The text, where it is one: compared on the wire. */
  readonly text: Key | undefined;
  readonly raw: Uint8Array;
}

/** Adds attributes to resources. Values are encoded once. */
export class ResourceMerge {
  readonly #additions: readonly Addition[];
  readonly #override: boolean;

  constructor(found: ReadonlyMap<string, AnyValueInput>, override: boolean) {
    this.#override = override;
    this.#additions = [...found].map(([name, value]) => ({
      key: key(name),
      text: typeof value === 'string' ? key(value) : undefined,
      raw: encodeAnyValue(value),
    }));
  }

  apply(attributes: AttributesView): void {
    for (const addition of this.#additions) {
      if (attributes.has(addition.key) && (!this.#override || isSame(attributes, addition))) continue;
      attributes.setRaw(addition.key, addition.raw);
    }
  }
}

function isSame(attributes: AttributesView, { key: name, text, raw }: Addition): boolean {
  if (text !== undefined) return attributes.equalsString(name, text);
  const present = attributes.raw(name);
  return present !== undefined && Buffer.compare(present, raw) === 0;
}
