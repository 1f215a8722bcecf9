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

/** From this length on the native check wins over reading four bytes at a time. */
const NATIVE_FROM_OF_VIEW = 256;

/**
 * As {@link isUtf8}, with a view of the same memory that begins where `bytes` does: reads four bytes at a time, which for texts of
 * usual length takes half the time (benchmarks/micro/validate). Making the view costs more than a short text.
 */
export function isUtf8InView(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
  if (end - start >= 4) {
    if (end - start > NATIVE_FROM_OF_VIEW) return nativeIsUtf8(bytes.subarray(start, end));
    return isAsciiInView(view, start, end) || utf8ErrorAt(bytes, start, end) === -1;
  }
  for (let at = start; at < end; at++) if (bytes[at] & 0x80) return utf8ErrorAt(bytes, at, end) === -1;
  return true;
}

/** Whether at least four bytes are ASCII. */
export function isAsciiInView(view: DataView, start: number, end: number): boolean {
  // The last four may overlap with those before.
  const last = end - 4;
  let bits = view.getInt32(last, true);
  for (let at = start; at < last; at += 4) bits |= view.getInt32(at, true);
  return (bits & 0x80808080) === 0;
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
