import type { Pattern, PatternMatch } from '@millrace/pattern';

/** Makes the text that stands for a match. */
export type Template = (match: PatternMatch, text: string) => string;

const REFERENCE = /\$(?:\$|\{(\w+)\}|(\w+))/g;

/**
 * A replacement with references to groups, in the syntax of Go's regexp.Expand: $1, ${1}, $name, ${name}, $0 for all, $$ for a
 * dollar sign. `$1x` is the group named 1x. Groups that do not exist or took no part are empty.
 */
export function compileTemplate(template: string, pattern: Pattern): Template {
  if (!template.includes('$')) return () => template;
  const parts: (string | number)[] = [];
  let end = 0;
  for (const match of template.matchAll(REFERENCE)) {
    parts.push(template.slice(end, match.index));
    end = match.index + match[0].length;
    const name = match[1] ?? match[2];
    if (name === undefined) parts.push('$');
    else if (/^\d+$/.test(name)) parts.push(Number(name));
    else parts.push(pattern.groupNames.indexOf(name) + 1 || Infinity);
  }
  parts.push(template.slice(end));
  return (match, text) => {
    let out = '';
    for (const part of parts) {
      if (typeof part === 'string') out += part;
      else out += part === 0 ? text.slice(match.start, match.end) : (match.groups[part - 1] ?? '');
    }
    return out;
  };
}

/** What text is written to, piece by piece: a ByteWriter, for one. */
export interface TextSink {
  text(piece: string): void;
}

/** A text in which every match of a pattern is to be replaced. */
export interface Replacing {
  readonly pattern: Pattern;
  readonly text: string;
  readonly replacement: Template;
}

/** Writes the text with every match replaced, from left to right. False, where that changes nothing: then it may be incomplete. */
export function writeReplaced({ pattern, text, replacement }: Replacing, out: TextSink): boolean {
  let isChanged = false;
  let copied = 0;
  let from = 0;
  let lastEnd = -1;
  while (from + pattern.unitsMin <= text.length) {
    const match = pattern.exec(text, from);
    if (match === null) break;
    const { start, end } = match;
    // As in Go, an empty match right behind the last one does not count.
    if (end > start || start !== lastEnd) {
      const piece = replacement(match, text);
      isChanged ||= piece.length !== end - start || !text.startsWith(piece, start);
      if (start > copied) out.text(text.slice(copied, start));
      out.text(piece);
      copied = lastEnd = end;
    }
    from = end > start ? end : end + widthAt(text, end);
  }
  if (isChanged && copied < text.length) out.text(text.slice(copied));
  return isChanged;
}

/** Replaces every match, from left to right; the very same text when nothing changes. */
export function replaceAll(pattern: Pattern, text: string, replacement: Template): string {
  const joined = new JoinedText();
  return writeReplaced({ pattern, text, replacement }, joined) ? joined.whole : text;
}

class JoinedText implements TextSink {
  whole = '';

  text(piece: string): void {
    this.whole += piece;
  }
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
