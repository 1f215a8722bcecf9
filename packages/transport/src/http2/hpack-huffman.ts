/**
 * Bits of each byte's code (RFC 7541, appendix B). The code is canonical: codes of one length follow each other in the
 * order of their bytes, so that the lengths say everything.
 */
const CODE_BITS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26,
];
/** Bits that one step of the decoder takes. */
const STEP_BITS = 4;
const STEPS = 2 ** STEP_BITS;
/** Padding is at most seven bits of the code of the end (section 5.2). */
const PADDING_BITS_MAX = 7;
const NO_BYTE = -1;
const INVALID = -1;

/** Codes by byte, for the encoder. */
const CODES = canonicalCodes();
/** From a state (a node of the tree) and four bits to the next state, and to the byte that was completed on the way. */
const { next, completed, mayEnd } = decodingTable();

/**
 * Decodes `bytes[start, end)` to `target`, which must have room for {@link huffmanBytesMax}. Returns the number of bytes; -1 for
 * what is no Huffman text.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let state = 0;
  let length = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    for (let shift = 4; shift >= 0; shift -= STEP_BITS) {
      const step = state * STEPS + ((byte >> shift) & 15);
      state = next[step];
      if (state === INVALID) return -1;
      if (completed[step] !== NO_BYTE) {
        target[length] = completed[step];
        length += 1;
      }
    }
  }
  return mayEnd[state] === 1 ? length : -1;
}

/** Most bytes that so many bytes of Huffman text can become: the shortest codes have five bits. */
export function huffmanBytesMax(encodedBytes: number): number {
  return Math.ceil((encodedBytes * 8) / 5);
}

/** Bytes that a text of Latin-1 takes as Huffman text. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at += 1) bits += CODE_BITS[text.charCodeAt(at) & 0xff];
  return Math.ceil(bits / 8);
}

/** Huffman text for a text of Latin-1. */
export function encodeHuffman(text: string): number[] {
  const result: number[] = [];
  let pending = 0;
  let pendingBits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text.charCodeAt(at) & 0xff;
    // 30 bits of a code and 7 that wait do not fit the integers of bitwise operators.
    pending = pending * 2 ** CODE_BITS[byte] + CODES[byte];
    pendingBits += CODE_BITS[byte];
    while (pendingBits >= 8) {
      pendingBits -= 8;
      const whole = Math.floor(pending / 2 ** pendingBits);
      result.push(whole);
      pending -= whole * 2 ** pendingBits;
    }
  }
  if (pendingBits > 0) result.push((pending << (8 - pendingBits)) | (0xff >> pendingBits));
  return result;
}

function canonicalCodes(): Uint32Array {
  const codes = new Uint32Array(CODE_BITS.length);
  const order = CODE_BITS.map((bits, byte) => ({ bits, byte })).sort((a, b) => a.bits - b.bits || a.byte - b.byte);
  let code = 0;
  let bitsBefore = 0;
  for (const { bits, byte } of order) {
    code *= 2 ** (bits - bitsBefore);
    bitsBefore = bits;
    codes[byte] = code;
    code += 1;
  }
  return codes;
}

interface Node {
  readonly id: number;
  /** By bit: a node, the byte that ends there, or nothing where only the end's code goes on. */
  readonly branches: [Node | number | undefined, Node | number | undefined];
}

function decodingTable() {
  const nodes = codeTree();
  const next = new Int16Array(nodes.length * STEPS).fill(INVALID);
  const completed = new Int16Array(nodes.length * STEPS).fill(NO_BYTE);
  for (const start of nodes) {
    for (let bits = 0; bits < STEPS; bits += 1) {
      const step = start.id * STEPS + bits;
      let node: Node | undefined = start;
      for (let shift = STEP_BITS - 1; shift >= 0 && node !== undefined; shift -= 1) {
        const branch: Node | number | undefined = node.branches[(bits >> shift) & 1];
        if (typeof branch === 'number') completed[step] = branch;
        node = typeof branch === 'number' ? nodes[0] : branch;
      }
      next[step] = node?.id ?? INVALID;
    }
  }
  return { next, completed, mayEnd: paddingStates(nodes) };
}

function codeTree(): Node[] {
  const nodes: Node[] = [{ id: 0, branches: [undefined, undefined] }];
  CODE_BITS.forEach((bits, byte) => {
    let [node] = nodes;
    for (let shift = bits - 1; shift > 0; shift -= 1) {
      const bit = Math.floor(CODES[byte] / 2 ** shift) % 2;
      const found = node.branches[bit];
      const child: Node = typeof found === 'object' ? found : { id: nodes.length, branches: [undefined, undefined] };
      if (found === undefined) nodes.push(child);
      node.branches[bit] = child;
      node = child;
    }
    node.branches[CODES[byte] % 2] = byte;
  });
  return nodes;
}

/** States in which a text may end: only ones since the last byte, and few of them. */
function paddingStates(nodes: readonly Node[]): Uint8Array {
  const result = new Uint8Array(nodes.length);
  let [node] = nodes;
  for (let bits = 0; bits <= PADDING_BITS_MAX; bits += 1) {
    result[node.id] = 1;
    node = node.branches[1] as Node;
  }
  return result;
}
