import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { isList, isMap, typeName } from '../../value/value.ts';

export const sanitizeUtf8 = defineFunction({
  name: 'sanitize_utf8',
  kind: 'editor',
  summary: 'Makes strings valid UTF-8. They always are: telemetry with others is refused when it comes in.',
  details: 'For configurations that have it; it changes nothing.',
  params: { target: p.getSetter, replacement: p.optional(p.literalString) },
  examples: [
    { code: 'sanitize_utf8(attributes)', given: { attributes: { a: 'é' } }, after: { attributes: { a: 'é' } } },
    { code: 'sanitize_utf8(time)', fails: 'must be a string, map or slice, not time.Time' },
  ],
  make:
    ({ target }) =>
    (frame) => {
      const value = target.get(frame);
      if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
      if (!isMap(value) && !isList(value))
        throw new OttlRuntimeError(`the target must be a string, map or slice, not ${typeName(value)}`);
    },
});
