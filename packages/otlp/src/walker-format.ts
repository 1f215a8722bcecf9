/**
 * What the walker in `wasm/walker.ts` and the tables that it reads agree upon. AssemblyScript compiles this file, too: numbers only.
 */

/** Results of a walk; `ODD` is valid, but not in canonical shape, and `normalize` has to rewrite it. Combined with `|`. */
export const OK = 0;
export const ODD = 1;
export const BAD = 2;

/**
 * A plan has one entry of eight bytes for each tag (number and wire type) below this; tags from here on belong to fields that no
 * OTLP message has, as the largest field number is 16.
 */
export const TAG_LIMIT = 256;
export const ENTRY_BYTES = 8;

// Lowest byte of an entry: what to do with the field. The three bytes above are the action's operand, the upper four the bit
// that a singular field or its oneof sets. An entry of zeros is a field that no message has.
export const WRONG_WIRE_TYPE = 1;
export const VARINT = 2;
/** Operand: the number of bytes. */
export const FIXED = 3;
// All below are length-delimited.
export const BYTES = 4;
export const TEXT = 5;
/** Operand: the only length that is accepted beside none. */
export const ID = 6;
/** Operand: where the plan of the message stands. An item is a message that is counted. */
export const MESSAGE = 7;
export const ITEM = 8;
export const KEY_VALUE = 9;
export const ANY_VALUE = 10;
export const PACKED_VARINTS = 11;
/** Operand: the bytes of each. */
export const PACKED_FIXED = 12;

/**
 * Bytes behind a message that the walker may look at; what stands there never matters. The farthest look is for the tag behind a key
 * that begins where the message ends and claims 255 bytes.
 */
export const SLACK_BYTES = 512;
