/**
 * Whether text is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF), sixteen bytes at a time. Reads up
 * to 64 bytes beyond `end`.
 */

/** Whether bytes are well-formed UTF-8. */
export function isUtf8(start: usize, end: usize): bool {
  const length = end - start;
  if (length < 64 ? isShortAscii(start, length) : isLongAscii(start, end)) return true;
  return isMultibyte(start, end);
}

/** Whether no byte has its highest bit set. */
export function isAscii(start: usize, end: usize): bool {
  const length = end - start;
  return length < 64 ? isShortAscii(start, length) : isLongAscii(start, end);
}

/** The same of less than 64 bytes, which most texts have: without a loop, whose end would be mispredicted. */
function isShortAscii(start: usize, length: usize): bool {
  const bits = (<u64>highBits(start)) | ((<u64>highBits(start + 32)) << 32);
  return (bits & (((<u64>1) << length) - 1)) == 0;
}

function isLongAscii(start: usize, end: usize): bool {
  let at = start;
  for (; at + 32 <= end; at += 32) if (highBits(at) != 0) return false;
  return (highBits(at) & ((1 << (end - at)) - 1)) == 0;
}

/** The highest bits of the 32 bytes at `at`, the first byte's lowest. */
function highBits(at: usize): u32 {
  return i8x16.bitmask(v128.load(at)) | (i8x16.bitmask(v128.load(at, 16)) << 16);
}

/**
 * Any text. By John Keiser and Daniel Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): three tables, looked up by
 * the halves of each byte and the one before, give the errors that both halves and the next byte allow; what all three agree upon is one.
 */
function isMultibyte(start: usize, end: usize): bool {
  let errors = i64x2.splat(0);
  let before = i64x2.splat(0);
  let at = start;
  while (true) {
    let block = v128.load(at);
    const left = end - at;
    // Zeros behind the end show a sequence that is cut there.
    if (left < 16) block = v128.and(block, firstBytes(<i8>left));
    errors = v128.or(errors, errorsIn(block, before));
    if (left < 16) return !v128.any_true(errors);
    before = block;
    at += 16;
  }
}

/** All bits of the first `count` bytes, less than 16. */
function firstBytes(count: i8): v128 {
  return i8x16.lt_s(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(count));
}

// Kinds of errors in two bytes, one bit each.
/** A first byte that no continuation follows. */
const TOO_SHORT: i8 = 1;
/** ASCII, then a continuation. */
const TOO_LONG: i8 = 2;
/** E0, then less than A0. */
const OVERLONG_3: i8 = 4;
/** F4 or more, then 90 or more. */
const TOO_LARGE: i8 = 8;
/** ED, then A0 or more. */
const SURROGATE: i8 = 16;
/** C0 or C1. */
const OVERLONG_2: i8 = 32;
/** F0, then less than 90; with the same bit F5 or more, then less than 90. */
const OVERLONG_4: i8 = 64;
/** Two continuations: an error unless the second is the third or fourth byte of its sequence. */
const TWO_CONTINUATIONS: i8 = -128;

/** What the lower half of a first byte cannot exclude. */
const ANY: i8 = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS;
/** What follows F5 and more; the upper half tells these from other bytes. */
const F5: i8 = ANY | TOO_LARGE | OVERLONG_4;
/** What 80 to BF may be behind some first byte. */
const CONTINUATION: i8 = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS;

/** Errors of each byte of `block` with the one to three before it; `before` is the block before. */
function errorsIn(block: v128, before: v128): v128 {
  const previous = i8x16.shuffle(before, block, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const byUpperHalf = i8x16.swizzle(
    // prettier-ignore
    i8x16(
      TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
      TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS,
      TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | OVERLONG_4,
    ),
    i8x16.shr_u(previous, 4),
  );
  const byLowerHalf = i8x16.swizzle(
    // prettier-ignore
    i8x16(
      ANY | OVERLONG_2 | OVERLONG_3 | OVERLONG_4, ANY | OVERLONG_2, ANY, ANY,
      ANY | TOO_LARGE, F5, F5, F5, F5, F5, F5, F5, F5, F5 | SURROGATE, F5, F5,
    ),
    v128.and(previous, i8x16.splat(0x0f)),
  );
  const byNext = i8x16.swizzle(
    // prettier-ignore
    i8x16(
      TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
      CONTINUATION | OVERLONG_3 | OVERLONG_4, CONTINUATION | OVERLONG_3 | TOO_LARGE,
      CONTINUATION | SURROGATE | TOO_LARGE, CONTINUATION | SURROGATE | TOO_LARGE,
      TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    ),
    i8x16.shr_u(block, 4),
  );
  const inPairs = v128.and(v128.and(byUpperHalf, byLowerHalf), byNext);
  // A third byte follows E0 or more, two before; a fourth F0 or more, three before: the highest bit is set where one is due.
  const second = i8x16.shuffle(before, block, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const third = i8x16.shuffle(before, block, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  const due = v128.or(
    i8x16.sub_sat_u(second, i8x16.splat(<i8>(0xe0 - 0x80))),
    i8x16.sub_sat_u(third, i8x16.splat(<i8>(0xf0 - 0x80))),
  );
  return v128.xor(v128.and(due, i8x16.splat(TWO_CONTINUATIONS)), inPairs);
}
