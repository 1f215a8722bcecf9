/** Longest pattern that is taken. */
const GLOB_UNITS_MAX = 10_000;

/**
 * A glob as a regular expression for the whole text. `*` and `**` stand for any text, slashes too, `?` for one character,
 * `[a-z]` and `[!a-z]` for one of a class, `{a,b}` for one of several; a backslash takes away a meaning. Throws for others.
 */
export function globToPattern(glob: string): string {
  if (glob.length > GLOB_UNITS_MAX) throw new Error(`a pattern is longer than ${GLOB_UNITS_MAX} characters`);
  let out = '';
  let groups = 0;
  for (let at = 0; at < glob.length;) {
    const character = String.fromCodePoint(glob.codePointAt(at)!);
    at += character.length;
    if (character === '*') {
      while (glob[at] === '*') at++;
      out += '[\\s\\S]*';
    } else if (character === '?') out += '[\\s\\S]';
    else if (character === '[') {
      const end = classEnd(glob, at);
      out += classOf(glob, glob.slice(at, end));
      at = end + 1;
    } else if (character === '{') {
      groups++;
      out += '(?:';
    } else if (character === '}' && groups > 0) {
      groups--;
      out += ')';
    } else if (character === ',' && groups > 0) out += '|';
    else if (character === '\\') {
      if (at >= glob.length) throw new Error(`the pattern "${glob}" ends with a backslash`);
      const escaped = String.fromCodePoint(glob.codePointAt(at)!);
      at += escaped.length;
      out += quote(escaped);
    } else out += quote(character);
  }
  if (groups > 0) throw new Error(`the pattern "${glob}" has a { without }`);
  return `^(?:${out})$`;
}

function classEnd(glob: string, from: number): number {
  for (let at = from + (glob[from] === '!' ? 1 : 0); at < glob.length; at++) {
    if (glob[at] === '\\') at++;
    else if (glob[at] === ']') return at;
  }
  throw new Error(`the pattern "${glob}" has a [ without ]`);
}

function classOf(glob: string, inside: string): string {
  const isNegated = inside.startsWith('!');
  const members = isNegated ? inside.slice(1) : inside;
  if (members === '') throw new Error(`the pattern "${glob}" has an empty class`);
  // A hyphen keeps its meaning of a range; all else that is special in a class is quoted.
  const quoted = members.replace(/\\([\s\S])|([\\[\]^])/g, (_, escaped?: string, special?: string) =>
    quoteInClass(escaped ?? special ?? ''),
  );
  return `[${isNegated ? '^' : ''}${quoted}]`;
}

function quoteInClass(character: string): string {
  return /[\\[\]^-]/.test(character) ? `\\${character}` : character;
}

function quote(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
