/** Varints and what they lead to. A position that is returned is 0, or beyond `end` where it says so, for what is malformed. */

/** The length or the tag that was read beside the position that was returned; used at once. */
export let varint: usize = 0;

/** Reads a length; returns where its content begins, or 0 when it is malformed or leads beyond `end`. */
export function lengthAt(start: usize, end: usize): usize {
  let at = start;
  let length: f64 = 0;
  // Not shifted, so that a length of more than 64 bits is seen as too long and does not wrap around.
  for (let scale: f64 = 1; at < start + 10; scale *= 128) {
    const byte = load<u8>(at++);
    length += <f64>(byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (<f64>at + length > <f64>end) return 0;
      varint = <usize>length;
      return at;
    }
  }
  return 0;
}

/** Reads a tag of any length; returns the position behind it, or 0. */
export function tagAt(start: usize, end: usize): usize {
  let at = start;
  let tag: u64 = 0;
  for (let shift: u64 = 0; shift < 35; shift += 7) {
    const byte = load<u8>(at++);
    tag |= (<u64>(byte & 0x7f)) << shift;
    if (byte < 0x80) {
      varint = <usize>tag;
      return at <= end && tag <= 0xffff_ffff ? at : 0;
    }
  }
  return 0;
}

/** The highest bits of eight bytes. */
const HIGHEST_BITS: u64 = ((<u64>0x80808080) << 32) | 0x80808080;

/** Where the varint at `start` ends, or a position beyond `end`: at most ten bytes, 64 bits. */
export function varintEnd(start: usize, end: usize): usize {
  const ends = ~load<u64>(start) & HIGHEST_BITS;
  if (ends != 0) return start + 1 + ((<usize>ctz(ends)) >> 3);
  if (load<u8>(start, 8) < 0x80) return start + 9;
  return load<u8>(start, 9) <= 1 ? start + 10 : end + 1;
}

/** Passes over a field that no plan knows; 0 when it is malformed, a group, or has field number 0. */
export function skipUnknown(start: usize, end: usize, tag: usize): usize {
  if (tag < 8) return 0;
  let at: usize = 0;
  switch ((<i32>tag) & 7) {
    case 0:
      at = varintEnd(start, end);
      break;
    case 1:
      at = start + 8;
      break;
    case 2:
      at = lengthAt(start, end);
      if (at != 0) at += varint;
      break;
    case 5:
      at = start + 4;
      break;
  }
  return at <= end ? at : 0;
}
