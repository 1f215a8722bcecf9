import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';

export const parseInt = defineFunction({
  name: 'ParseInt',
  kind: 'converter',
  summary: 'The int64 that a string says in a base from 2 to 36, with or without a sign.',
  details:
    'With base 0 the string tells: 0b is 2, 0 and 0o are 8, 0x is 16, all else 10; digits may be separated by underscores then.',
  params: { target: p.string, base: p.int },
  returns: 'int',
  examples: [
    { code: 'ParseInt("12345", 10)', result: 12345n },
    { code: 'ParseInt("-ff", 16)', result: -255n },
    { code: 'ParseInt("0b1111_0000", 0)', result: 240n },
    { code: 'ParseInt("017", 0)', result: 15n },
    { code: 'ParseInt("1_000", 10)', fails: '"1_000" is no integer of base 10' },
    { code: 'ParseInt("9223372036854775808", 10)', fails: 'does not fit into 64 bits' },
    { code: 'ParseInt("1", 1)', fails: 'there is no base 1' },
    { code: 'ParseInt(attributes["missing"], 10)', fails: 'expected string but got nil' },
  ],
  make:
    ({ target, base }) =>
    (frame) =>
      parse(target(frame), base(frame)),
});

function parse(text: string, base: bigint): bigint {
  if (base < 0n || base === 1n || base > 36n) throw new OttlRuntimeError(`there is no base ${base}`);
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const unsigned = text.slice(sign.length);
  const { digits, radix } = base === 0n ? implied(unsigned) : { digits: unsigned, radix: Number(base) };
  const value = magnitude(digits, radix);
  if (value === undefined)
    throw new OttlRuntimeError(`"${text.slice(0, 60)}" is no integer of base ${base === 0n ? 'its own' : base}`);
  if (value > (sign === '-' ? 2n ** 63n : 2n ** 63n - 1n))
    throw new OttlRuntimeError(`"${text.slice(0, 60)}" does not fit into 64 bits`);
  return sign === '-' ? -value : value;
}

const RADIX: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16 };

/** Underscores stand between digits, and between the prefix and the first one. */
function implied(text: string): { readonly digits: string; readonly radix: number } {
  const prefix = /^0([box])(?=_?[0-9a-z])/i.exec(text);
  const radix = prefix === null ? (/^0[0-9_]/.test(text) ? 8 : 10) : RADIX[prefix[1].toLowerCase()];
  const isSeparated = /^[0-9a-z]+(?:_[0-9a-z]+)*$/i.test(text);
  return { digits: isSeparated ? text.slice(prefix === null ? 0 : 2).replaceAll('_', '') : '', radix };
}

/** Undefined for what is no number. Too large ones are cut, and stay too large. */
function magnitude(digits: string, radix: number): bigint | undefined {
  if (!/^[0-9a-z]+$/i.test(digits)) return undefined;
  let value = 0n;
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36);
    if (worth >= radix) return undefined;
    if (value < 2n ** 64n) value = value * BigInt(radix) + BigInt(worth);
  }
  return value;
}
