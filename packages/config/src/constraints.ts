import type { SchemaData } from '@millrace/api';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { constraintSchema } from './constraint-schema.ts';
import { explainConstraint } from './constraint-messages.ts';
import type { ConfigNode, Path } from './node.ts';
import { originAt } from './node.ts';
import type { Problems } from './problems.ts';

/** Ajv is the slowest part of a start: it is imported once, while files are being read. */
let loading: Promise<Ajv> | undefined;

async function loadAjv(): Promise<Ajv> {
  const { Ajv } = await import('ajv');
  // The schemas are ours and checked by tests: compiling Ajv's own meta schema would cost more than all of them.
  return new Ajv({ strict: true, allErrors: true, meta: false, validateSchema: false, messages: false, logger: false });
}

/** Checks decoded values against what a schema says beyond types: ranges, patterns, enums, sizes. */
export class ConstraintChecker {
  readonly #ajv: Ajv;
  static readonly #compiled = new WeakMap<SchemaData, ValidateFunction | 'unconstrained'>();

  private constructor(ajv: Ajv) {
    this.#ajv = ajv;
  }

  static async load(): Promise<ConstraintChecker> {
    loading ??= loadAjv();
    return new ConstraintChecker(await loading);
  }

  accepts(schema: SchemaData, value: unknown): boolean {
    const validate = this.#validator(schema);
    return validate === 'unconstrained' || validate(value);
  }

  /** Reports every constraint that a decoded value breaks. Returns whether it breaks none. */
  check(schema: SchemaData, value: unknown, at: { node: ConfigNode; path: Path }, problems: Problems): boolean {
    const validate = this.#validator(schema);
    if (validate === 'unconstrained' || validate(value)) return true;
    for (const error of validate.errors ?? []) {
      const inner = pathOf(error);
      const { code, message, remedy } = explainConstraint(error, schemaAt(schema, inner), valueAt(value, inner));
      problems.error({ code, origin: originAt(at.node, inner), path: [...at.path, ...inner], message, remedy });
    }
    return false;
  }

  #validator(schema: SchemaData): ValidateFunction | 'unconstrained' {
    let found = ConstraintChecker.#compiled.get(schema);
    if (found === undefined) {
      const reduced = constraintSchema(schema);
      found = reduced === undefined ? 'unconstrained' : this.#ajv.compile(reduced);
      ConstraintChecker.#compiled.set(schema, found);
    }
    return found;
  }
}

/** A JSON pointer taken apart; numbers for list items, as far as one can tell. */
function pathOf({ instancePath }: ErrorObject): (string | number)[] {
  if (instancePath === '') return [];
  const steps = instancePath.slice(1).split('/');
  return steps.map((step) => (/^[0-9]+$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~')));
}

function schemaAt(schema: SchemaData, path: Path): SchemaData {
  let found: SchemaData | undefined = schema;
  for (const step of path) {
    if (found?.type === 'array') found = found.items;
    else if (found?.properties !== undefined && Object.hasOwn(found.properties, step)) found = found.properties[step];
    else found = typeof found?.additionalProperties === 'object' ? found.additionalProperties : undefined;
  }
  return found ?? {};
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) found = (found as Record<string | number, unknown> | undefined)?.[step];
  return found;
}
