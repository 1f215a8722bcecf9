const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** A string as a literal of Go; in backquotes where that is asked for and possible. */
export function quote(text: string, raw: boolean): string {
  // oxlint-disable-next-line no-control-regex -- Control characters are what cannot stand in backquotes.
  if (raw && !/[`\x00-\x08\x0a-\x1f\x7f\ufeff]/.test(text)) return `\`${text}\``;
  return `"${Array.from(text, (character) => escape(character, '"')).join('')}"`;
}

export function quoteCharacter(character: string): string {
  return `'${escape(character, "'")}'`;
}

function escape(character: string, delimiter: string): string {
  if (character === delimiter) return `\\${character}`;
  const named = NAMED[character];
  if (named !== undefined) return named;
  if (character === ' ' || !/[\p{C}\p{Z}]/u.test(character)) return character;
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
