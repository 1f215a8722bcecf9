import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const trim = defineFunction({
  name: 'Trim',
  kind: 'converter',
  summary: 'A string without the given characters (default: spaces) at its start and end.',
  params: { target: p.string, replacement: p.optional(p.literalString) },
  returns: 'string',
  examples: [
    { code: 'Trim(" this is a test ")', result: 'this is a test' },
    { code: 'Trim("!!this is a test?!", "!?")', result: 'this is a test' },
    { code: 'Trim("\\t a ", " ")', result: '\t a' },
    { code: 'Trim(attributes["missing"])', fails: 'expected string but got nil' },
    { code: 'Trim("a", 1)', invalid: 'a literal of type string' },
  ],
  make: ({ target, replacement = ' ' }) => {
    const cut = new Set(replacement);
    return (frame) => trimCharacters(target(frame), cut);
  },
});

function trimCharacters(text: string, cut: ReadonlySet<string>): string {
  let start = 0;
  while (start < text.length) {
    const character = String.fromCodePoint(text.codePointAt(start)!);
    if (!cut.has(character)) break;
    start += character.length;
  }
  let end = text.length;
  while (end > start) {
    const isPair = end - start > 1 && text.codePointAt(end - 2)! > 0xffff;
    if (!cut.has(text.slice(end - (isPair ? 2 : 1), end))) break;
    end -= isPair ? 2 : 1;
  }
  return text.slice(start, end);
}
