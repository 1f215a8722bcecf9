import { OttlError, type OttlErrorCode } from '../ottl-error.ts';
import { tokenize } from './lexer.ts';
import { describeToken, type Token, type TokenKind } from './token.ts';

/** The tokens of one statement, and where the parser is in them. */
export class TokenStream {
  readonly source: string;
  private readonly tokens: readonly Token[];
  private at = 0;
  /** Operators of mathematics and negation that were parsed so far. */
  operators = 0;

  constructor(source: string) {
    this.source = source;
    this.tokens = tokenize(source);
  }

  /** The token `ahead` places on. */
  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)];
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  /** Whether the next token is this one; nothing is taken. */
  is(kind: TokenKind, text?: string): boolean {
    const token = this.peek();
    return token.kind === kind && (text === undefined || token.text === text);
  }

  accept(kind: TokenKind, text?: string): Token | undefined {
    return this.is(kind, text) ? this.take() : undefined;
  }

  expect(kind: TokenKind, expected: string, message: string): Token {
    const token = this.peek();
    if (token.kind !== kind) this.fail(message, expected);
    return this.take();
  }

  /** Where the last token that was taken ends. */
  get lastEnd(): number {
    return this.at === 0 ? 0 : this.tokens[this.at - 1].end;
  }

  /** Throws at the next token. */
  fail(message: string, expected?: string): never {
    const token = this.peek();
    throw new OttlError({
      code: 'SYNTAX',
      message,
      source: this.source,
      offset: token.start,
      expected,
      found: describeToken(token),
    });
  }

  /** Throws at `offset`. */
  failAt(offset: number, code: OttlErrorCode, message: string, expected?: string): never {
    throw new OttlError({ code, message, source: this.source, offset, expected });
  }
}
