import type { SchemaData } from '@millrace/api';
import type { Ajv, ValidateFunction } from 'ajv';
import { explainConstraint, type Explanation } from './constraint-messages.ts';

/** Ajv is the slowest part of a start: it is imported once, while files are being read. */
let loading: Promise<Ajv> | undefined;

async function loadAjv(): Promise<Ajv> {
  const { Ajv } = await import('ajv');
  // The schemas are ours and checked by tests: compiling Ajv's own meta schema would cost more than all of them.
  return new Ajv({ strict: true, allErrors: true, meta: false, validateSchema: false, messages: false, logger: false });
}

/**
 * Checks decoded values against what a schema says beyond types: ranges, patterns, enums, sizes.
 *
 * One value at a time, and only those that were written: compiling a component's whole schema would take longer than
 * everything else that a start does with its configuration.
 */
export class ConstraintChecker {
  readonly #ajv: Ajv;
  static readonly #bySchema = new WeakMap<SchemaData, ValidateFunction | 'unconstrained'>();
  /** Many settings have the same constraint: `minimum: 0`. */
  static readonly #byConstraint = new Map<string, ValidateFunction>();

  private constructor(ajv: Ajv) {
    this.#ajv = ajv;
  }

  static async load(): Promise<ConstraintChecker> {
    loading ??= loadAjv();
    return new ConstraintChecker(await loading);
  }

  /**
   * Every constraint that a decoded value breaks; those of the values inside it are not looked at. A secret is not
   * repeated in them.
   */
  faults(schema: SchemaData, value: unknown, secret: boolean): readonly Explanation[] {
    const validate = this.#validator(schema);
    if (validate === 'unconstrained' || validate(value)) return [];
    return (validate.errors ?? []).map((error) => explainConstraint(error, schema, value, secret));
  }

  #validator(schema: SchemaData): ValidateFunction | 'unconstrained' {
    let found = ConstraintChecker.#bySchema.get(schema);
    if (found === undefined) {
      const constraint = constraintOf(schema);
      found = constraint === undefined ? 'unconstrained' : this.#compile(constraint);
      ConstraintChecker.#bySchema.set(schema, found);
    }
    return found;
  }

  #compile(constraint: object): ValidateFunction {
    const key = JSON.stringify(constraint);
    let validate = ConstraintChecker.#byConstraint.get(key);
    if (validate === undefined) {
      validate = this.#ajv.compile(constraint);
      ConstraintChecker.#byConstraint.set(key, validate);
    }
    return validate;
  }
}

const NUMERIC = ['minimum', 'exclusiveMinimum', 'maximum'] as const;

/** What is left of a schema to check about a value once it has been decoded; undefined where nothing is. */
function constraintOf(schema: SchemaData): object | undefined {
  if (schema.anyOf !== undefined || schema['x-type'] === 'component-id') return undefined;
  if (schema['x-type'] === 'duration' || schema['x-type'] === 'bytes') return kept('number', schema, NUMERIC);
  switch (schema.type) {
    case 'object':
      return undefined;
    case 'array':
      return kept('array', schema, ['minItems', 'maxItems', 'uniqueItems']);
    case 'string':
      return kept('string', schema, ['minLength', 'maxLength', 'pattern', 'enum', 'const']);
    case 'integer':
    case 'number':
      return kept(schema.type, schema, [...NUMERIC, 'enum', 'const']);
    default:
      return kept(undefined, schema, ['enum', 'const']);
  }
}

function kept(
  type: string | undefined,
  schema: SchemaData,
  keywords: readonly (keyof SchemaData)[],
): object | undefined {
  const present = keywords.filter((keyword) => schema[keyword] !== undefined);
  if (present.length === 0) return undefined;
  const constraint = Object.fromEntries(present.map((keyword) => [keyword, schema[keyword]]));
  return type === undefined ? constraint : { type, ...constraint };
}
