import { isUtf8 as nativeIsUtf8 } from 'node:buffer';

/** From this length on the native check wins over ours, its call and its view included. */
const NATIVE_FROM = 96;

/**
 * Whether bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
 *
 * Own code because attribute texts are short: a native call costs more than the whole check (benchmarks/micro/validate),
 * and TextDecoder refuses views of shared memory.
 */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > NATIVE_FROM) return nativeIsUtf8(bytes.subarray(start, end));
  let at = start;
  for (const last = end - 4; at <= last; at += 4) {
    if ((bytes[at] | bytes[at + 1] | bytes[at + 2] | bytes[at + 3]) & 0x80) return utf8ErrorAt(bytes, at, end) === -1;
  }
  for (; at < end; at++) if (bytes[at] & 0x80) return utf8ErrorAt(bytes, at, end) === -1;
  return true;
}

/** Position of the first byte that starts no well-formed sequence, or -1. */
export function utf8ErrorAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const first = bytes[at];
    if (first < 0x80) {
      at++;
      continue;
    }
    const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length === 0 || at + length > end) return at;
    const second = bytes[at + 1];
    // The second byte's range is narrower after E0 (overlong), ED (surrogates), F0 (overlong) and F4 (too large).
    const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return at;
    if (length > 2 && (bytes[at + 2] & 0xc0) !== 0x80) return at;
    if (length > 3 && (bytes[at + 3] & 0xc0) !== 0x80) return at;
    at += length;
  }
  return -1;
}
