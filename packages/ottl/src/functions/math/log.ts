import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';

export const log = defineFunction({
  name: 'Log',
  kind: 'converter',
  summary: 'The natural logarithm of a number greater than zero. Strings are parsed, true is 1.',
  params: { target: p.floatLike },
  returns: 'float',
  examples: [
    { code: 'Log(1)', result: 0 },
    { code: 'Log("10")', result: Math.LN10 },
    { code: 'Int(Log(attributes["ms"]))', given: { attributes: { ms: 1000n } }, result: 6n },
    { code: 'Log(0)', fails: 'greater than zero but got 0' },
    { code: 'Log(false)', fails: 'greater than zero but got 0' },
    { code: 'Log(attributes["missing"])', fails: 'nil' },
  ],
  make:
    ({ target }) =>
    (frame) => {
      const value = target(frame);
      if (value === null) throw new OttlRuntimeError('expected a number but got nil');
      if (value <= 0) throw new OttlRuntimeError(`expected a number greater than zero but got ${value}`);
      return Math.log(value);
    },
});
