/**
 * Splits TypeScript into words, strings and punctuation, and skips comments, regular expressions and template text.
 * Just enough of the language to find import and export statements without a compiler (TypeScript 7 has no JS API).
 */
export interface Token {
  /** `template` is a template literal without substitutions; one with them leaves `${` and the tokens inside. */
  readonly kind: 'word' | 'string' | 'template' | 'number' | 'regex' | 'punctuation';
  /** The source text; of a string or template, what stands between its quotes. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

const WORD = /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /\.?\d[\w.]*/y;
const COMMENT_OR_SPACE = /\s+|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/y;
const STRING = /"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y;
const PUNCTUATION = /\?\.|=>|\.\.\.|[^]/y;

/** After these words a slash starts a regular expression; after any other name it divides. */
const BEFORE_EXPRESSION = new Set(
  'return typeof instanceof in of new delete void throw case do else yield await default extends'.split(' '),
);

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  /** One entry per open `${`: how many braces are open inside it. */
  const substitutions: number[] = [];
  let at = source.startsWith('#!') ? source.indexOf('\n') : 0;
  let line = 1;
  if (at < 0) return tokens;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const push = (kind: Token['kind'], text: string, length = text.length): void => {
    tokens.push({ kind, text, line });
    advance(length);
  };
  const advance = (length: number): void => {
    for (const end = at + length; at < end; at++) if (source[at] === '\n') line++;
  };
  const takeTemplate = (opens: boolean): void => {
    const end = templateEnd(source, at + 1);
    if (source[end] === '$') {
      push('punctuation', '${', end + 2 - at);
      substitutions.push(0);
    } else if (opens) {
      push('template', source.slice(at + 1, end), end + 1 - at);
    } else {
      // Stands for the whole literal, so that a slash behind it divides.
      push('number', '', end + 1 - at);
    }
  };

  while (at < source.length) {
    const skipped = take(COMMENT_OR_SPACE);
    if (skipped !== undefined) {
      advance(skipped.length);
      continue;
    }
    const char = source[at];
    if (char === '`') {
      takeTemplate(true);
    } else if (char === '}' && substitutions.at(-1) === 0) {
      substitutions.pop();
      takeTemplate(false);
    } else if (char === '"' || char === "'") {
      const text = take(STRING) as string;
      push('string', text.slice(1, text.endsWith(char) ? -1 : undefined), text.length);
    } else if (char === '/' && startsExpression(tokens.at(-1)) && take(REGEX) !== undefined) {
      push('regex', take(REGEX) as string);
    } else {
      const word = take(WORD);
      const number = word === undefined ? take(NUMBER) : undefined;
      if (word !== undefined) push('word', word);
      else if (number !== undefined) push('number', number);
      else {
        if (char === '{' || char === '}') countBrace(substitutions, char);
        push('punctuation', take(PUNCTUATION) as string);
      }
    }
  }
  return tokens;
}

/** The index of the closing backtick or of the `$` of a substitution. */
function templateEnd(source: string, from: number): number {
  let at = from;
  while (at < source.length && source[at] !== '`' && !source.startsWith('${', at)) at += source[at] === '\\' ? 2 : 1;
  return Math.min(at, source.length);
}

function countBrace(substitutions: number[], brace: string): void {
  const last = substitutions.length - 1;
  if (last >= 0) substitutions[last] += brace === '{' ? 1 : -1;
}

function startsExpression(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'word') return BEFORE_EXPRESSION.has(before.text);
  // A closing brace is taken for the end of a block, which is what it nearly always is before a regular expression.
  return before.kind === 'punctuation' && before.text !== ')' && before.text !== ']';
}
