/** MySQL and what is made like it takes text in double quotes for a string; elsewhere it is a name. */
export type SqlDialect = 'mysql' | 'other';

/** What a literal becomes. */
const MASK = '?';

const quoted = (quote: string): string => `${quote}[^${quote}\\\\]*(?:\\\\[^][^${quote}\\\\]*)*(?:${quote}|$)`;

const OPERATORS = '-+*/=<>!&|^%~?@:#';

/**
 * The tokens that matter; all else stays. Where one has no end, as statements are often cut, it reaches to the end of the text. The
 * order counts.
 */
function tokens(dialect: SqlDialect): RegExp {
  const isMysql = dialect === 'mysql';
  const strings = isMysql ? [quoted("'"), quoted('"')] : [quoted("'"), '"[^"]*$'];
  const parts = [
    `(?<comment>--[^\\n]*|/\\*[^]*?(?:\\*/|$)${isMysql ? '|#[^\\n]*' : ''})`,
    '(?<constant>(?:true|false|null)(?=[(),;.:\\[\\]{}\\s]|$))',
    '(?<name>[\\p{L}_]["?.$#/@!\\p{L}_0-9]*|"[^"]*"|`[^`]*`)',
    `(?<string>${strings.join('|')})`,
    '(?<number>[-+]?0[xX][0-9a-fA-F]*|(?:[-+](?=[0-9.])|[0-9])(?:[0-9.]|[eE][-+]?)*|\\$[0-9]+)',
    '(?<dollar>\\$(?<tag>[\\p{L}_][\\p{L}_0-9]*)?\\$(?<body>[^]*?)(?:\\$\\k<tag>\\$|$))',
    '(?<variable>@@?[\\p{L}\\p{N}_]+)',
    `(?<operator>->>?|#>>?|#-|\\?[|&]|<@|[-+/=<>!&|^%~?@:#](?:(?<!=)[${OPERATORS}]|(?<==)[-+*/=<>!&|^%~:#])*)`,
  ];
  // Strings in double quotes come before names in them.
  if (isMysql) [parts[2], parts[3]] = [parts[3], parts[2]];
  return new RegExp(parts.join('|'), 'giu');
}

const TOKENS: Readonly<Record<SqlDialect, RegExp>> = { mysql: tokens('mysql'), other: tokens('other') };

interface Token {
  readonly comment?: string;
  readonly name?: string;
  readonly variable?: string;
  readonly operator?: string;
  readonly dollar?: string;
  readonly tag?: string;
  readonly body?: string;
}

/**
 * Replaces strings, numbers, booleans, nulls, numbered parameters and the digits in names by question marks. Comments, named
 * parameters and white space stay. The body of a function in `$func$` quotes is treated as a statement of its own.
 */
export function maskSqlLiterals(sql: string, dialect: SqlDialect): string {
  const masked = sql.replaceAll(TOKENS[dialect], (...match: unknown[]) =>
    maskToken(match[0] as string, match.at(-1) as Token, dialect),
  );
  return masked.trim();
}

function maskToken(text: string, token: Token, dialect: SqlDialect): string {
  if (token.comment !== undefined || token.variable !== undefined || token.operator !== undefined) return text;
  if (token.name !== undefined) return text.replaceAll(/[0-9]+/g, MASK);
  if (token.dollar !== undefined && token.tag === 'func' && text.endsWith('$func$') && text.length > 11)
    return `$func$${maskSqlLiterals(token.body ?? '', dialect)}$func$`;
  return MASK;
}
