import type { SchemaData } from '@millrace/api';
import type { ErrorObject } from 'ajv';
import { quoted } from './describe.ts';
import { formatDuration } from './duration.ts';
import { didYouMean } from './nearest.ts';

/** What is wrong with a value, in words. */
export interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Says in words which constraint a value breaks. Secrets are not repeated. */
export function explainConstraint(
  error: ErrorObject,
  schema: SchemaData,
  value: unknown,
  secret: boolean,
): Explanation {
  const got = secret ? '' : `, got ${show(value, schema)}`;
  const limit = (bound: unknown) => show(bound, schema);
  switch (error.keyword) {
    case 'minimum':
      return outOfRange(
        `must be at least ${limit(error.params['limit'])}${got}`,
        `write ${limit(error.params['limit'])} or more`,
      );
    case 'exclusiveMinimum':
      return outOfRange(`must be more than ${limit(error.params['limit'])}${got}`, 'write a larger value');
    case 'maximum':
      return outOfRange(
        `must be at most ${limit(error.params['limit'])}${got}`,
        `write ${limit(error.params['limit'])} or less`,
      );
    case 'enum':
      return notAllowed(error.params['allowedValues'] as readonly unknown[], got, value);
    case 'const':
      return notAllowed([error.params['allowedValue']], got, value);
    case 'minLength':
      return value === ''
        ? { code: 'EMPTY', message: 'must not be empty', remedy: 'write a value' }
        : wrongLength(`must have at least ${error.params['limit']} characters${got}`);
    case 'maxLength':
      return wrongLength(`must have at most ${error.params['limit']} characters${got}`);
    case 'pattern':
      return {
        code: 'PATTERN',
        message: `does not have the right form${got}`,
        remedy: formOf(schema, String(error.params['pattern'])),
      };
    case 'minItems':
      return Array.isArray(value) && value.length === 0
        ? { code: 'EMPTY', message: 'must not be empty', remedy: 'add an entry' }
        : wrongLength(`must have at least ${error.params['limit']} entries`);
    case 'maxItems':
      return wrongLength(`must have at most ${error.params['limit']} entries`);
    case 'uniqueItems':
      return {
        code: 'DUPLICATE',
        message: `the entries ${error.params['j']} and ${error.params['i']} are the same`,
        remedy: 'remove one of them',
      };
    default:
      return {
        code: 'CONSTRAINT',
        message: `breaks the rule "${error.keyword}"${got}`,
        remedy: schema.description ?? 'correct the value',
      };
  }
}

function outOfRange(message: string, remedy: string): Explanation {
  return { code: 'OUT_OF_RANGE', message, remedy };
}

function wrongLength(message: string): Explanation {
  return { code: 'WRONG_LENGTH', message, remedy: 'write a value of the right length' };
}

function notAllowed(allowed: readonly unknown[], got: string, value: unknown): Explanation {
  const words = allowed.map((word) => (word === '' ? '""' : String(word)));
  const message = `must be ${words.length === 1 ? words[0] : `one of ${words.join(', ')}`}${got}`;
  const hint = typeof value === 'string' && got !== '' ? didYouMean(value, allowed.map(String)) : undefined;
  return { code: 'NOT_ALLOWED', message, remedy: hint ?? 'write one of these' };
}

function formOf(schema: SchemaData, pattern: string): string {
  const example = schema.examples?.[0] ?? schema.default;
  return example === undefined ? `it must match ${pattern}` : `for example ${JSON.stringify(example)}`;
}

function show(value: unknown, schema: SchemaData): string {
  if (schema['x-type'] === 'duration' && typeof value === 'number') return formatDuration(value);
  return typeof value === 'string' ? quoted(value) : String(value);
}
