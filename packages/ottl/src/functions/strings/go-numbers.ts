import type { Verb } from './go-verbs.ts';

/** Most decimals of a float: what JavaScript gives. */
const DECIMALS_MAX = 100;
const BASES: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
const PREFIXES: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' };

/** Fills up to the width, which counts characters. */
export function pad(verb: Verb, text: string): string {
  const { width } = verb;
  if (width === undefined || width <= text.length) return text;
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  if (verb.minus) return text + ' '.repeat(missing);
  return (verb.zero ? '0' : ' ').repeat(missing) + text;
}

export function formatInt(verb: Verb, value: bigint, letter: string): string {
  const sign = value < 0n ? '-' : verb.plus ? '+' : verb.space ? ' ' : '';
  const { precision, width } = verb;
  if (precision === 0 && value === 0n) return pad({ ...verb, zero: false }, '');
  let digits = (value < 0n ? -value : value).toString(BASES[letter]);
  if (letter === 'X') digits = digits.toUpperCase();
  const digitsMin = precision ?? (verb.zero && width !== undefined ? width - sign.length : 0);
  digits = digits.padStart(digitsMin, '0');
  if (letter === 'O') digits = `0o${digits}`;
  else if (verb.sharp && !(letter === 'o' && digits.startsWith('0'))) digits = (PREFIXES[letter] ?? '') + digits;
  return pad({ ...verb, zero: false }, sign + digits);
}

export function formatFloat(verb: Verb, value: number): string {
  const isNegative = value < 0 || Object.is(value, -0);
  const sign = isNegative ? '-' : verb.plus ? '+' : verb.space ? ' ' : '';
  if (Number.isNaN(value)) return pad({ ...verb, zero: false }, `${sign}NaN`);
  if (!Number.isFinite(value)) return pad({ ...verb, zero: false }, `${sign === '' ? '+' : sign}Inf`);
  const text = digitsOf(Math.abs(value), verb);
  if (verb.zero && verb.width !== undefined) return sign + text.padStart(verb.width - sign.length, '0');
  return pad(verb, sign + text);
}

function digitsOf(value: number, { letter, precision }: Verb): string {
  const decimals = precision === undefined ? undefined : Math.min(precision, DECIMALS_MAX);
  switch (letter) {
    case 'f':
    case 'F':
      return fixed(value, decimals ?? 6);
    case 'e':
    case 'E': {
      const text = withExponent(value.toExponential(decimals ?? 6));
      return letter === 'E' ? text.toUpperCase() : text;
    }
    default: {
      const text = general(value, decimals);
      return letter === 'G' ? text.toUpperCase() : text;
    }
  }
}

/** Like toFixed, but halves go to the even digit, and large values have no exponent. */
function fixed(value: number, decimals: number): string {
  if (value >= 1e21) return String(BigInt(value)) + (decimals > 0 ? `.${'0'.repeat(decimals)}` : '');
  const exact = value.toFixed(Math.min(DECIMALS_MAX, decimals + 30));
  const point = exact.indexOf('.');
  const kept = decimals === 0 ? exact.slice(0, point) : exact.slice(0, point + 1 + decimals);
  const isHalf = point >= 0 && /^50*$/.test(exact.slice(point + 1 + decimals));
  return isHalf && '02468'.includes(kept.at(-1)!) ? kept : value.toFixed(decimals);
}

/** Go's %g: as short as can be, or so many digits; with an exponent for the very small and the large. */
function general(value: number, precision: number | undefined): string {
  const text = precision === undefined ? value.toExponential() : value.toExponential(Math.max(precision, 1) - 1);
  const at = text.indexOf('e');
  const exponent = Number(text.slice(at + 1));
  const mantissa = text.slice(0, at).replace(/\.?0+$/, (zeros) => (text.includes('.') ? '' : zeros));
  const digits = mantissa.replace('.', '');
  // As short as can be: six digits decide.
  const exponentMax = precision === undefined ? 6 : Math.max(precision, 1);
  if (exponent < -4 || exponent >= exponentMax) return withExponent(mantissa + text.slice(at));
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, '0');
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** Two digits of exponent at least. */
function withExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
