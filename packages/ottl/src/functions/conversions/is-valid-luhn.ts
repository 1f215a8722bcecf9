import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { typeName, type Value } from '../../value/value.ts';

export const isValidLuhn = defineFunction({
  name: 'IsValidLuhn',
  kind: 'converter',
  summary:
    'Whether the last digit of a number (a string of digits or an int64) is the check digit of the Luhn algorithm.',
  params: { value: p.value },
  returns: 'bool',
  examples: [
    { code: 'IsValidLuhn("17893729974")', result: true },
    { code: 'IsValidLuhn(17893729975)', result: false },
    { code: 'IsValidLuhn("")', result: false },
    { code: 'IsValidLuhn("1789-3729-974")', fails: 'digits' },
    { code: 'IsValidLuhn(attributes["missing"])', fails: 'nil' },
  ],
  make:
    ({ value }) =>
    (frame) => {
      const digits = digitsOf(value(frame));
      let sum = 0;
      for (let i = digits.length - 1, isDoubled = false; i >= 0; i--, isDoubled = !isDoubled) {
        const digit = (digits.charCodeAt(i) - 48) * (isDoubled ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
      }
      return digits !== '' && sum % 10 === 0;
    },
});

function digitsOf(value: Value): string {
  if (typeof value !== 'string' && typeof value !== 'bigint')
    throw new OttlRuntimeError(`expected a string of digits or an int64 but got ${typeName(value)}`);
  const text = String(value);
  if (!/^\d*$/.test(text)) throw new OttlRuntimeError('expected a string of digits only');
  return text;
}
