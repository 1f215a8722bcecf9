/* Places in a string's UTF-8, where Go counts and JavaScript does not. */

/** How many UTF-16 units at the start of `text` fit into `bytesMax` bytes of UTF-8, in whole characters. */
export function unitsWithin(text: string, bytesMax: number): number {
  // No unit takes more than three bytes.
  if (text.length * 3 <= bytesMax) return text.length;
  let bytes = 0;
  let at = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    const isPair = unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(at + 1));
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : isPair ? 4 : 3;
    if (bytes > bytesMax) break;
    at += isPair ? 2 : 1;
  }
  return at;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
