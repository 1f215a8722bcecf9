/**
 * A glob over names with parts between dots, as a regular expression: `*` and `?` stay within a part, `**` does not;
 * `[a-z]`, `[!a-z]` and `{a,b}` are as in shells, a backslash takes the next character literally. Throws SyntaxError.
 */
export function globPattern(glob: string): RegExp {
  let depth = 0;
  const translate = (token: string): string => {
    if (token === '**') return '.*';
    if (token === '*') return '[^.]*';
    if (token === '?') return '[^.]';
    if (token === '{') {
      depth++;
      return '(?:';
    }
    if (token === '}' && depth > 0) {
      depth--;
      return ')';
    }
    if (token === ',' && depth > 0) return '|';
    if (token.length > 2 && token.startsWith('[')) return token.replace('[!', '[^');
    return token.replace(/^\\(?=.)/s, '').replaceAll(SPECIAL, String.raw`\$&`);
  };
  return new RegExp(`^${glob.replaceAll(TOKEN, translate)}$`, 's');
}

const TOKEN = /\*\*|\\.|\[!?[^\]]+\]|./gs;
const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;
