const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** Longer texts are no number that anybody means; reading them would take time in proportion to their square. */
const TEXT_UNITS_MAX = 1000;
const INTEGER = /^[-+]?[0-9]+$/;
const DECIMAL = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const HEXADECIMAL = /^([-+]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([-+]?[0-9]+)$/;
const SPECIAL = /^(?:([-+]?)(?:inf|infinity)|nan)$/i;
/** An underscore stands between two digits, or between the prefix and a digit. */
const MISPLACED_UNDERSCORE = /(?<![0-9])_|_(?![0-9])/;
const MISPLACED_HEX_UNDERSCORE = /(?<![0-9a-fA-F]|0[xX])_|_(?![0-9a-fA-F])/;
const IS_HEXADECIMAL = /^[-+]?0[xX]/;
const EXPONENT_MAX = 100_000;

/** A decimal integer of 64 bits, as Go's `strconv.ParseInt` reads it; undefined for anything else. */
export function parseInt64(text: string): bigint | undefined {
  if (text.length > TEXT_UNITS_MAX || !INTEGER.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value < INT64_MIN || value > INT64_MAX ? undefined : value;
}

/** A double as Go's `strconv.ParseFloat` reads it; undefined for anything else, and for what is too large. */
export function parseDouble(text: string): number | undefined {
  if (text.length > TEXT_UNITS_MAX) return undefined;
  const special = SPECIAL.exec(text);
  if (special !== null) return /n$/i.test(text) ? NaN : special[1] === '-' ? -Infinity : Infinity;
  const isHexadecimal = IS_HEXADECIMAL.test(text);
  if ((isHexadecimal ? MISPLACED_HEX_UNDERSCORE : MISPLACED_UNDERSCORE).test(text)) return undefined;
  const digits = text.replaceAll('_', '');
  const value = isHexadecimal ? parseHexadecimal(digits) : DECIMAL.test(digits) ? Number(digits) : undefined;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function parseHexadecimal(text: string): number | undefined {
  const match = HEXADECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction, exponent] = match;
  if (whole + fraction === '') return undefined;
  const mantissa = BigInt(`0x${whole}${fraction}`);
  const scale = Math.max(-EXPONENT_MAX, Math.min(EXPONENT_MAX, Number(exponent))) - 4 * fraction.length;
  const value = scaled(mantissa, scale);
  return sign === '-' ? -value : value;
}

/** `mantissa * 2 ** exponent`, rounded once, half to even. */
function scaled(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  if (bits + exponent > 1024) return Infinity;
  // The last bit that a double can have at this size; everything below it is rounded away.
  const lowest = Math.max(bits + exponent - 53, -1074);
  const shift = BigInt(lowest - exponent);
  if (shift <= 0n) return Number(mantissa << -shift) * 2 ** lowest;
  const kept = mantissa >> shift;
  const rest = mantissa - (kept << shift);
  const half = 1n << (shift - 1n);
  const rounded = rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
  return Number(rounded) * 2 ** lowest;
}
