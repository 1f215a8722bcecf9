import { ComponentError } from '@millrace/api';
import type { Detected } from './detected.ts';
import type { Machine } from './machine.ts';

/** The second one is what it was called before the OpenTelemetry specification named it. */
const VARIABLES = ['OTEL_RESOURCE_ATTRIBUTES', 'OTEL_RESOURCE'];
const NOT_ASCII = /[\u0080-\uffff]/;
const UNITS_MAX = 256;

/** What the environment says: `key=value,...`, values with percent escapes. Throws ComponentError for anything else. */
export function detectEnv({ env }: Machine): Detected {
  for (const variable of VARIABLES) {
    const text = (env[variable] ?? '').trim();
    if (text !== '') return parse(variable, text);
  }
  return {};
}

function parse(variable: string, text: string): Detected {
  const found: Record<string, string> = {};
  const pairs = text.split(',');
  if (pairs.length > 1 && pairs.at(-1) === '') pairs.pop();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0)).trim();
    const value = pair.slice(equals + 1).trim();
    if (key === '' || key.length > UNITS_MAX || value.length > UNITS_MAX || NOT_ASCII.test(pair)) {
      throw malformed(variable, pair, 'write key=value in ASCII, with commas between; escape others as %2C');
    }
    try {
      found[key] = decodeURIComponent(value.replaceAll('+', ' '));
    } catch {
      throw malformed(variable, pair, 'write a percent sign as %25');
    }
  }
  return found;
}

function malformed(variable: string, pair: string, remedy: string): ComponentError {
  return new ComponentError(`cannot read the environment variable ${variable} at "${pair.trim()}"`, {
    code: 'RESOURCE_ENV_INVALID',
    remedy,
  });
}
