/**
 * Config schemas as plain JSON Schema (draft 2020-12 vocabulary that Ajv checks in strict mode), with static types.
 *
 * A schema is the one source of a component's types, defaults, documentation, editor completion and error messages.
 * Rules that the builders follow:
 * - a property with a `default`, or an object all of whose properties may be absent, is always present in the
 *   decoded config; `Type.Optional(...)` may be absent; everything else is required;
 * - objects refuse unknown keys unless `open` is set;
 * - Millrace's own annotations start with `x-` (`x-type`, `x-secret`): the config package decodes by them and
 *   editors ignore them.
 */

/** JSON Schema data. `T` is the type of the decoded value and exists only for the compiler. */
export interface Schema<T = unknown> extends SchemaData {
  readonly __type?: T;
}

/** The subset of JSON Schema keywords that component configs use. */
export interface SchemaData {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly deprecated?: boolean;
  readonly enum?: readonly (string | number | boolean)[];
  readonly const?: string | number | boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly items?: SchemaData;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, SchemaData>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | SchemaData;
  readonly anyOf?: readonly SchemaData[];
  /** Decoding rule beyond JSON's types. */
  readonly 'x-type'?: 'duration' | 'bytes' | 'optional' | 'component-id';
  /** The value is a secret: never printed, never logged. */
  readonly 'x-secret'?: boolean;
  /** `Type.Optional`: the key may be absent. */
  readonly 'x-optional'?: boolean;
  /** What an optional object is where its key is written without a value; absent, unless this is said. */
  readonly 'x-null'?: 'defaults';
  /** `Type.Unsupported`: a key that is refused, and what to do instead. */
  readonly 'x-unsupported'?: string;
  /** `Type.Inert`: a key that does nothing here, of which a warning tells. */
  readonly 'x-inert'?: boolean;
  /** For `x-type: component-id`: which kind of component the id must name. */
  readonly 'x-kind'?: string;
}

/** The decoded type of a schema. */
export type Static<S> = S extends { readonly __type?: infer T } ? Exclude<T, undefined> : never;

/** Marks a property that may be absent from the decoded config. */
export type OptionalSchema<T> = Schema<T> & { readonly 'x-optional': true };

type Properties = Readonly<Record<string, Schema<never> | Schema<unknown>>>;
type OptionalKeys<P> = { [K in keyof P]: P[K] extends { 'x-optional': true } ? K : never }[keyof P];
type Decoded<P> = { [K in Exclude<keyof P, OptionalKeys<P>>]: Static<P[K]> } & {
  [K in OptionalKeys<P>]?: Static<P[K]>;
};
/** Flattens an intersection so that editors show the fields. */
type Flat<T> = { [K in keyof T]: T[K] };

/** What every builder takes. */
export interface Notes<T> {
  /** One sentence that says what the key does; shown in docs, completion and errors. */
  readonly description?: string;
  /** Value when the key is absent; as a user would write it (`'5s'` for a duration). */
  readonly default?: T;
  readonly examples?: readonly T[];
  readonly deprecated?: boolean;
}

interface NumberNotes extends Notes<number> {
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

interface StringNotes extends Notes<string> {
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

interface ObjectNotes extends Notes<object> {
  /** Keys that are not listed are kept as they are. */
  readonly open?: boolean;
}

/** Builders of schema data. Names are those of JSON Schema's types. */
export const Type = {
  String: (notes: StringNotes = {}): Schema<string> => ({ type: 'string', ...notes }),

  /** A whole number. */
  Integer: (notes: NumberNotes = {}): Schema<number> => ({ type: 'integer', ...notes }),

  Number: (notes: NumberNotes = {}): Schema<number> => ({ type: 'number', ...notes }),

  Boolean: (notes: Notes<boolean> = {}): Schema<boolean> => ({ type: 'boolean', ...notes }),

  /** One of a few literal words. */
  Enum: <const V extends readonly (string | number)[]>(values: V, notes: Notes<V[number]> = {}): Schema<V[number]> => ({
    type: typeof values[0] === 'number' ? 'number' : 'string',
    enum: values,
    ...notes,
  }),

  Array: <S extends Schema>(
    items: S,
    notes: Notes<readonly unknown[]> & { readonly minItems?: number; readonly maxItems?: number } = {},
  ): Schema<Static<S>[]> => ({ type: 'array', items, ...notes }),

  /** A mapping from any key to one kind of value. */
  Record: <S extends Schema>(values: S, notes: Notes<object> = {}): Schema<Record<string, Static<S>>> => ({
    type: 'object',
    additionalProperties: values,
    ...notes,
  }),

  /** Fixed keys. Unknown ones are refused unless `open` is set. */
  Object: <const P extends Properties>(properties: P, notes: ObjectNotes = {}): Schema<Flat<Decoded<P>>> => {
    const { open, ...rest } = notes;
    const required = Object.keys(properties).filter((name) => !mayBeAbsent(properties[name] as SchemaData));
    return {
      type: 'object',
      properties,
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: open ?? false,
      ...rest,
    };
  },

  /** The first schema that accepts the value decides its type. */
  Union: <const S extends readonly Schema[]>(options: S, notes: Notes<unknown> = {}): Schema<Static<S[number]>> => ({
    anyOf: options,
    ...notes,
  }),

  /** Anything YAML can say. */
  Any: (notes: Notes<unknown> = {}): Schema<unknown> => ({ ...notes }),

  /** The key may be absent, which it also is where it is written without a value. */
  Optional: <T>(schema: Schema<T>): OptionalSchema<T> => ({ ...schema, 'x-optional': true }),

  /** A section that its key alone turns on: absent without the key, with its defaults where the key has no value. */
  Section: <T>(schema: Schema<T>): OptionalSchema<T> => ({ ...schema, 'x-optional': true, 'x-null': 'defaults' }),

  /**
   * A key that others know and this component cannot follow: refused where it has a value. `what` it is, without a full
   * stop; `remedy`: what to do instead.
   */
  Unsupported: (what: string, remedy: string): OptionalSchema<undefined> => ({
    description: `${what}: not supported.`,
    'x-unsupported': remedy,
    'x-optional': true,
  }),

  /** A key that is taken so that configurations load, with a warning: it does nothing. `what` it is, and why. */
  Inert: (what: string): OptionalSchema<unknown> => ({
    description: `${what} Accepted, without effect.`,
    'x-inert': true,
    'x-optional': true,
  }),

  /** A length of time as Go writes it (`300ms`, `1h30m`, `0`). Decodes to milliseconds (fractions kept). */
  Duration: (
    notes: Omit<Notes<string>, 'default'> & { readonly default?: string; readonly minimumMs?: number } = {},
  ): Schema<number> => {
    const { minimumMs, ...rest } = notes;
    return {
      type: 'string',
      format: 'duration',
      'x-type': 'duration',
      ...(minimumMs === undefined ? {} : { minimum: minimumMs }),
      ...rest,
    };
  },

  /** A string that is never shown: passwords, tokens, keys. */
  Secret: (notes: StringNotes = {}): Schema<string> => ({ type: 'string', 'x-secret': true, ...notes }),

  /** The id (`type` or `type/name`) of another component of the given kind; `storage` is an extension that stores. */
  ComponentId: (kind: string, notes: Notes<string> = {}): Schema<string> => ({
    type: 'string',
    'x-type': 'component-id',
    'x-kind': kind,
    ...notes,
  }),
} as const;

/** Whether the decoder can fill the value in when its key is absent, or leave it out. */
export function mayBeAbsent(schema: SchemaData): boolean {
  if (schema['x-optional'] === true || schema.default !== undefined) return true;
  return schema.type === 'object' && schema.properties !== undefined && (schema.required ?? []).length === 0;
}
