export type TokenKind =
  | 'upper'
  | 'lower'
  | 'blank'
  | 'int'
  | 'float'
  | 'bytes'
  | 'string'
  | 'compare'
  | 'sign'
  | 'factor'
  | '=>'
  | '='
  | '('
  | ')'
  | '['
  | ']'
  | '{'
  | '}'
  | ','
  | '.'
  | ':'
  | 'end';

/** A piece of a statement. `upper` and `lower` are names by their first letter; `sign` is + or -, `factor` is * or /. */
export interface Token {
  readonly kind: TokenKind;
  /** As it was written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A token in a message. */
export function describeToken(token: Token): string {
  if (token.kind === 'end') return 'the end';
  return token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text;
}
