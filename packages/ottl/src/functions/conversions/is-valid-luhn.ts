import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';

export const isValidLuhn = defineFunction({
  name: 'IsValidLuhn',
  kind: 'converter',
  summary:
    'Whether the last digit of a number (digits as a string, with or without spaces, or an int64) is the check digit of the Luhn algorithm.',
  params: { target: p.stringLike },
  returns: 'bool',
  examples: [
    { code: 'IsValidLuhn("17893729974")', result: true },
    { code: 'IsValidLuhn(17893729975)', result: false },
    { code: 'IsValidLuhn("")', result: false },
    { code: 'IsValidLuhn("1789-3729-974")', fails: 'digits' },
    { code: 'IsValidLuhn(attributes["missing"])', fails: 'nil' },
  ],
  make:
    ({ target }) =>
    (frame) => {
      const text = target(frame);
      if (text === null) throw new OttlRuntimeError('expected a number but got nil');
      const digits = text.replaceAll(' ', '');
      if (!/^\d*$/.test(digits)) throw new OttlRuntimeError('expected digits only');
      let sum = 0;
      for (let i = digits.length - 1, isDoubled = false; i >= 0; i--, isDoubled = !isDoubled) {
        const digit = (digits.charCodeAt(i) - 48) * (isDoubled ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
      }
      return digits !== '' && sum % 10 === 0;
    },
});
