/**
 * Bech32 (BIP 173, checksum constant 1), without its limit on length, as age uses it.
 * Returns the lower-case text; age writes identities in upper case, which is the same Bech32.
 */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const digits = regroup(bytes, { from: 8, to: 5, pad: true })!;
  const checksum = polymod([...expandPrefix(prefix), ...digits, 0, 0, 0, 0, 0, 0]) ^ 1;
  let text = `${prefix}1`;
  for (const digit of digits) text += ALPHABET[digit];
  for (let shift = 25; shift >= 0; shift -= 5) text += ALPHABET[(checksum >>> shift) & 31];
  return text;
}

/** Reads Bech32, all lower or all upper case. Returns why it can't, as a phrase; never the text, which may be a secret. */
export function decodeBech32(text: string): { prefix: string; bytes: Uint8Array } | { problem: string } {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return { problem: 'mixes upper and lower case' };
  const separator = lower.lastIndexOf('1');
  if (separator < 1 || separator + 1 + CHECKSUM_DIGITS > lower.length) return { problem: 'is too short' };
  const prefix = lower.slice(0, separator);
  if (!/^[\x21-\x7e]+$/.test(prefix)) return { problem: 'has characters that are not Bech32' };
  const digits: number[] = [];
  for (const character of lower.slice(separator + 1)) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return { problem: 'has characters that are not Bech32' };
    digits.push(digit);
  }
  if (polymod([...expandPrefix(prefix), ...digits]) !== 1) return { problem: 'has a wrong checksum (a typing error?)' };
  const bytes = regroup(digits.slice(0, -CHECKSUM_DIGITS), { from: 5, to: 8, pad: false });
  return bytes === undefined ? { problem: 'has wrong padding' } : { prefix, bytes: Uint8Array.from(bytes) };
}

/** Cuts a run of bits into groups of another size; undefined if what is left over is not zero padding. */
function regroup(
  groups: Iterable<number>,
  { from, to, pad }: { from: number; to: number; pad: boolean },
): number[] | undefined {
  const result: number[] = [];
  let bits = 0;
  let count = 0;
  for (const group of groups) {
    bits = ((bits << from) | group) & 0xfff;
    count += from;
    while (count >= to) {
      count -= to;
      result.push((bits >>> count) & ((1 << to) - 1));
    }
  }
  const rest = (bits << (to - count)) & ((1 << to) - 1);
  if (pad) {
    if (count > 0) result.push(rest);
    return result;
  }
  return count >= from || rest !== 0 ? undefined : result;
}

function expandPrefix(prefix: string): number[] {
  const codes = Array.from(prefix, (character) => character.charCodeAt(0));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
}

function polymod(digits: readonly number[]): number {
  let checksum = 1;
  for (const digit of digits) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ digit;
    for (let bit = 0; bit < 5; bit++) if ((top >>> bit) & 1) checksum ^= GENERATOR[bit];
  }
  return checksum;
}

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_DIGITS = 6;
