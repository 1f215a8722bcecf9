import type { SchemaData } from '@millrace/api';
import { FAILED, isIncomplete, type Decode, type Place } from './decoded.ts';
import type { DecodeContext } from './decode-context.ts';
import { describeNode } from './describe.ts';
import type { ConfigNode } from './node.ts';
import { Problems } from './problems.ts';

/**
 * The first option that accepts the value decides. When none does, the faults of the option with the same shape (the
 * object for a map, the array for a list) say more than "none fits".
 */
export function decodeUnion(
  options: readonly SchemaData[],
  node: ConfigNode,
  place: Place,
  context: DecodeContext,
  decode: Decode,
): unknown {
  for (const option of options) {
    const trial: DecodeContext = { ...context, problems: new Problems(), references: [], secrets: new Set() };
    const value = decode(option, node, place, trial);
    if (isIncomplete(value)) continue;
    // Once more, so that warnings, references and secrets arrive.
    return decode(option, node, place, context);
  }
  const alike = options.filter((option) => shapeOf(option) === node.kind);
  if (alike.length === 1) return decode(alike[0], node, place, context);
  const message = `must be ${options.map(describeSchema).join(' or ')}, got ${describeNode(node)}`;
  context.problems.error({
    code: 'WRONG_TYPE',
    origin: node.origin,
    path: place.path,
    message,
    remedy: 'write one of these',
  });
  return FAILED;
}

function shapeOf(schema: SchemaData): ConfigNode['kind'] {
  return schema.type === 'object' ? 'map' : schema.type === 'array' ? 'list' : 'scalar';
}

function describeSchema(schema: SchemaData): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema['x-type'] === 'duration') return 'a duration';
  if (schema['x-type'] === 'bytes') return 'a number of bytes';
  if (schema['x-type'] === 'component-id') return 'the id of a component';
  switch (schema.type) {
    case 'object':
      return 'a map';
    case 'array':
      return 'a list';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'text';
    default:
      return 'a value';
  }
}
