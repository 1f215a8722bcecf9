/** A double, even where it is whole. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export const double = (value: number): Double => new Double(value);

/** Attributes as tests write them: whole numbers are ints, null is an empty value. */
export type Attributes = Readonly<Record<string, unknown>>;

/** OTLP/JSON of attributes. */
export function keyValues(attributes: Attributes): { key: string; value: object }[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

export function anyValue(value: unknown): object {
  if (value === null) return {};
  if (value instanceof Double) {
    return { doubleValue: Number.isFinite(value.value) ? value.value : String(value.value) };
  }
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { arrayValue: { values: value.map((each) => anyValue(each)) } };
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
    case 'bigint':
      return { intValue: String(value) };
    default:
      return { kvlistValue: { values: keyValues(value as Attributes) } };
  }
}
