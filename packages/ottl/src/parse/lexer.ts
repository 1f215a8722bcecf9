import { OttlError } from '../ottl-error.ts';
import type { Token, TokenKind } from './token.ts';

/** Longest statement in UTF-16 units; far beyond what people write. */
export const STATEMENT_UNITS_MAX = 1 << 20;

/** In the order in which they are tried; each is linear in what it takes. */
const RULES: readonly (readonly [kind: TokenKind | 'space', pattern: RegExp])[] = [
  ['space', /\s+/y],
  ['bytes', /0x[0-9a-fA-F]+/y],
  ['float', /\d*\.\d+(?:[eE][-+]?\d+)?/y],
  ['int', /\d+/y],
  ['string', /"(?:\\[^]|[^\\"])*"/y],
  ['=>', /=>/y],
  ['compare', /==|!=|>=|<=|>|</y],
  ['sign', /[-+]/y],
  ['factor', /[*/]/y],
  ['=', /=/y],
  ['(', /\(/y],
  [')', /\)/y],
  ['[', /\[/y],
  [']', /\]/y],
  ['{', /\{/y],
  ['}', /\}/y],
  [',', /,/y],
  ['.', /\./y],
  [':', /:/y],
  ['upper', /[A-Z]\w*/y],
  ['lower', /[a-z]\w*/y],
  ['blank', /_(?!\w)/y],
];

/** Splits a statement into tokens, the last of which is the end. Throws OttlError at what is no token. */
export function tokenize(source: string): Token[] {
  if (source.length > STATEMENT_UNITS_MAX)
    throw new OttlError({
      code: 'LIMIT',
      message: `a statement of ${source.length} characters is too long, the limit is ${STATEMENT_UNITS_MAX}`,
      source: source.slice(0, 200),
      offset: 0,
    });
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) at = next(source, at, tokens);
  tokens.push({ kind: 'end', text: '', start: source.length, end: source.length });
  return tokens;
}

function next(source: string, at: number, tokens: Token[]): number {
  for (const [kind, pattern] of RULES) {
    pattern.lastIndex = at;
    if (!pattern.test(source)) continue;
    const end = pattern.lastIndex;
    if (kind !== 'space') tokens.push({ kind, text: source.slice(at, end), start: at, end });
    return end;
  }
  const unit = source[at];
  const message =
    unit === '"'
      ? 'a string is not closed'
      : unit === "'"
        ? "strings are written in double quotes, not in '"
        : `"${String.fromCodePoint(source.codePointAt(at)!)}" means nothing here`;
  const expected = unit === '"' ? 'a closing "' : undefined;
  throw new OttlError({ code: 'SYNTAX', message, source, offset: at, expected });
}
