/**
 * A rejection threshold of the OpenTelemetry consistent probability sampling specification: 14 lower-case hex digits. An item is
 * kept when its randomness, written the same way, is not below. Texts of one length order like the numbers that they stand for.
 */
export type Threshold = string;

const HEX_DIGITS = 14;
const BITS_A_DIGIT = 4;
const ADJUSTED_COUNT_MAX = 2 ** 56;
const HEX = /^[0-9a-fA-F]+$/;

export const ALWAYS: Threshold = '00000000000000';
/** Above every randomness. */
export const NEVER: Threshold = 'never';
/** The randomness that passes every threshold but NEVER. */
export const RANDOMNESS_MAX = 'ffffffffffffff';
export const PROBABILITY_MIN = 1 / ADJUSTED_COUNT_MAX;

/**
 * With at least `precision` significant hex digits behind leading digits 0 and f. Undefined for a probability outside of
 * [2^-56, 1].
 */
export function thresholdOf(probability: number, precision: number): Threshold | undefined {
  if (!(probability >= PROBABILITY_MIN && probability <= 1)) return undefined;
  if (probability === 1) return ALWAYS;
  const digits = Math.min(HEX_DIGITS, precision + Math.max(leadingDigits(probability), leadingDigits(1 - probability)));
  // Doubles that are whole: exact, as halves are rounded away from zero and there are none beyond 2^53.
  let threshold = BigInt(ADJUSTED_COUNT_MAX) - BigInt(Math.round(probability * ADJUSTED_COUNT_MAX));
  const shift = BigInt(BITS_A_DIGIT * (HEX_DIGITS - digits));
  if (shift > 0n) threshold = ((threshold + (1n << (shift - 1n))) >> shift) << shift;
  return threshold.toString(16).padStart(HEX_DIGITS, '0');
}

/** How many hex digits a positive number below 1 begins with that are 0. */
function leadingDigits(fraction: number): number {
  let digits = 0;
  for (let rest = fraction * 16; rest < 1; rest *= 16) digits++;
  return digits;
}

export function probabilityOf(threshold: Threshold): number {
  return Number(BigInt(ADJUSTED_COUNT_MAX) - BigInt(`0x${threshold}`)) / ADJUSTED_COUNT_MAX;
}

/** The `th` of a trace state: without zeros at the end. */
export function tValueOf(threshold: Threshold): string {
  let end = HEX_DIGITS;
  while (end > 1 && threshold.endsWith('0', end)) end--;
  return threshold.slice(0, end);
}

/** Undefined for what is no `th`. */
export function parseTValue(text: string): Threshold | undefined {
  if (text.length > HEX_DIGITS || !HEX.test(text)) return undefined;
  return text.toLowerCase().padEnd(HEX_DIGITS, '0');
}

/** Whether the text is an `rv`. */
export function isRValue(text: string): boolean {
  return text.length === HEX_DIGITS && HEX.test(text);
}
