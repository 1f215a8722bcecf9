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

/** Replaces every match, from left to right; the very same text when there is none. */
export function replaceAll(pattern: Pattern, text: string, replacement: Template): string {
  let out = '';
  let copied = 0;
  let from = 0;
  let lastEnd = -1;
  while (from <= text.length) {
    const match = pattern.exec(text, from);
    if (match === null) break;
    // As in Go, an empty match right behind the last one does not count.
    if (match.end > match.start || match.start !== lastEnd) {
      out += text.slice(copied, match.start) + replacement(match, text);
      copied = match.end;
      lastEnd = match.end;
    }
    from = match.end > match.start ? match.end : match.end + widthAt(text, match.end);
  }
  return lastEnd < 0 ? text : out + text.slice(copied);
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
