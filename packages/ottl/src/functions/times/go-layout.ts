/** A part of a layout: text, or what stands for a part of the time, such as "2006". */
export interface LayoutPart {
  readonly kind: 'text' | 'element' | 'fraction';
  readonly text: string;
}

export type Layout = readonly LayoutPart[];

/** The elements of a layout of Go's time package, and "_1" for a month that is padded with a space. */
const ELEMENTS =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|15|1|2006|2|_2(?!006)|_1(?!5)|3|4|5|PM|pm|[-Z](?:070000|07:00:00|0700|07:00|07)|[.,](?:0+|9+)(?!\d)/g;

/** Takes a layout of Go's time package to pieces: https://pkg.go.dev/time#pkg-constants, without days of the year. */
export function parseGoLayout(layout: string): Layout {
  const parts: LayoutPart[] = [];
  let end = 0;
  for (const match of layout.matchAll(ELEMENTS)) {
    if (match.index > end) parts.push({ kind: 'text', text: layout.slice(end, match.index) });
    const [text] = match;
    parts.push({ kind: /^[.,]/.test(text) ? 'fraction' : 'element', text });
    end = match.index + text.length;
  }
  if (end < layout.length) parts.push({ kind: 'text', text: layout.slice(end) });
  return parts;
}

export const RFC3339_NANO = parseGoLayout('2006-01-02T15:04:05.999999999Z07:00');
