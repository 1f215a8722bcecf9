import type { ConfigFault } from '@millrace/api';
import { explainError, OttlErrors } from '@millrace/ottl';
import { compileKey } from './key-expression.ts';
import type { RateLimitSettings } from './rate-limit-settings.ts';
import type { LimitedSignal } from './walk-items.ts';

const SIGNALS: readonly LimitedSignal[] = ['logs', 'traces', 'metrics'];

/** Expressions that no signal has, and settings that do not go together. */
export function checkRateLimit({ key, limit, burst, unit }: RateLimitSettings): readonly ConfigFault[] {
  const faults = key.expressions.flatMap((text, index) => checkExpression(text, ['key', 'expressions', index]));
  if (unit === 'items' && burst !== undefined && burst < 1) {
    const remedy = 'set it to at least 1, or leave it out';
    faults.push({ path: ['burst'], message: `is ${burst}: not one item would pass`, remedy });
  }
  if (!Number.isFinite(limit)) faults.push({ path: ['limit'], message: 'is no number' });
  return faults;
}

/** Which signal it is for is known only in a pipeline: it is refused where no signal takes it. */
function checkExpression(text: string, path: ConfigFault['path']): ConfigFault[] {
  let first: OttlErrors | undefined;
  for (const signal of SIGNALS) {
    try {
      compileKey(text, signal);
      return [];
    } catch (error) {
      if (!(error instanceof OttlErrors)) throw error;
      first ??= error;
    }
  }
  return first === undefined ? [] : [{ path, ...explainError(first.errors[0]) }];
}
