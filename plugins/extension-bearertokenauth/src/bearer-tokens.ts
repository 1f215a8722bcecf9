import { createHash, timingSafeEqual } from 'node:crypto';
import type { ClientAuthenticator, ExtensionHost, RequestHeaders, ServerAuthenticator } from '@millrace/api';
import { WatchedText } from '@millrace/transport';
import type { BearerTokenConfig } from './index.ts';

/** The tokens in use: those of the settings, or of a file. */
export class BearerTokens implements ServerAuthenticator, ClientAuthenticator {
  readonly challenge: string;
  readonly #header: string;
  readonly #scheme: string;
  readonly #file: WatchedText | undefined;
  /** Digests, as values of one length can be compared in constant time. */
  #accepted: readonly Uint8Array[] = [];
  #credentials: Readonly<Record<string, string>> = {};

  constructor({ header, scheme, token, tokens, filename }: BearerTokenConfig, { clock, logger }: ExtensionHost) {
    this.#header = header.toLowerCase();
    this.#scheme = scheme;
    this.challenge = scheme === '' ? 'Bearer' : scheme;
    if (filename === undefined) {
      this.#use(tokens ?? [token ?? '']);
      return;
    }
    if (token !== undefined || tokens !== undefined) logger.warn('the tokens of the file are used, others are ignored');
    const onChange = (text: string) => this.#use(tokensOf(text));
    this.#file = new WatchedText({ file: filename, what: 'the token file', clock, logger, onChange });
  }

  start(): Promise<void> | undefined {
    return this.#file?.start();
  }

  shutdown(): void {
    this.#file?.shutdown();
  }

  refuse(headers: RequestHeaders): string | undefined {
    const value = [headers[this.#header] ?? []].flat()[0];
    if (value === undefined) return `the header "${this.#header}" with a token is missing`;
    const given = digestOf(value);
    let isKnown = false;
    for (const known of this.#accepted) isKnown = timingSafeEqual(known, given) || isKnown;
    return isKnown ? undefined : 'the token, or the scheme before it, is not known';
  }

  credentials(): Readonly<Record<string, string>> {
    return this.#credentials;
  }

  #use(tokens: readonly string[]): void {
    const values = tokens.map((token) => (this.#scheme === '' ? token : `${this.#scheme} ${token}`));
    this.#accepted = values.map(digestOf);
    this.#credentials = { [this.#header]: values[0] };
  }
}

/** One in each line. Empty lines are none: nobody gets in with an empty token. */
function tokensOf(text: string): readonly string[] {
  const tokens = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (tokens.length === 0) throw new Error('it holds no token; write one in a line');
  return tokens;
}

function digestOf(value: string): Uint8Array {
  return createHash('sha256').update(value).digest();
}
