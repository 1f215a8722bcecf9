export type XPathTokenKind = 'number' | 'literal' | 'name' | 'operator' | 'symbol' | 'end';

export interface XPathToken {
  readonly kind: XPathTokenKind;
  readonly text: string;
  readonly at: number;
}

/** Longest expression. */
const EXPRESSION_UNITS_MAX = 10_000;

const TOKEN =
  /\s+|(\d+(?:\.\d*)?|\.\d+)|"([^"]*)"|'([^']*)'|((?:[\p{L}_][\p{L}\p{N}\p{M}_.-]*:(?!:))?(?:[\p{L}_][\p{L}\p{N}\p{M}_.-]*|(?<=:)\*))|(::|\/\/|\.\.|!=|<=|>=|[()[\]@,./|+=<>*$-])/uy;
const OPERATOR_NAMES = new Set(['and', 'or', 'div', 'mod']);
const OPERATORS = new Set(['|', '+', '-', '=', '!=', '<', '<=', '>', '>=', '/', '//', '*']);
/** Behind these, `*` is a name and `and` too (XPath 1.0, section 3.7). */
const BEFORE_NAMES = new Set(['@', '::', '(', '[', ',']);

/** The tokens of an XPath 1.0 expression. Throws for what is none. */
export function tokenizeXPath(expression: string): XPathToken[] {
  if (expression.length > EXPRESSION_UNITS_MAX)
    throw new Error(`the XPath is longer than ${EXPRESSION_UNITS_MAX} characters`);
  const tokens: XPathToken[] = [];
  for (let at = 0; at < expression.length;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(expression);
    if (match === null)
      throw new Error(`invalid XPath "${expression}": unexpected ${expression[at]} at character ${at + 1}`);
    const [whole, number, double, single, name, symbol] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (double !== undefined || single !== undefined) tokens.push({ kind: 'literal', text: double ?? single, at });
    else if (name !== undefined) tokens.push({ kind: isOperator(name, tokens) ? 'operator' : 'name', text: name, at });
    else if (symbol !== undefined) tokens.push({ kind: symbolKind(symbol, tokens), text: symbol, at });
    at += whole.length;
  }
  tokens.push({ kind: 'end', text: 'the end', at: expression.length });
  return tokens;
}

function isOperator(name: string, before: readonly XPathToken[]): boolean {
  return OPERATOR_NAMES.has(name) && endsOperand(before.at(-1));
}

function symbolKind(symbol: string, before: readonly XPathToken[]): XPathTokenKind {
  if (symbol === '*') return endsOperand(before.at(-1)) ? 'operator' : 'name';
  return OPERATORS.has(symbol) ? 'operator' : 'symbol';
}

function endsOperand(token: XPathToken | undefined): boolean {
  return token !== undefined && token.kind !== 'operator' && !(token.kind === 'symbol' && BEFORE_NAMES.has(token.text));
}
