import { type ConfigFault, defineExtension, type Static, Type } from '@millrace/api';
import { BearerTokens } from './bearer-tokens.ts';

const config = Type.Object({
  header: Type.String({ default: 'Authorization', minLength: 1, description: 'Header that the token is in.' }),
  scheme: Type.String({ default: 'Bearer', description: 'Word before the token; empty for the token alone.' }),
  token: Type.Optional(Type.Secret({ description: 'The token that is sent, and the only one that is accepted.' })),
  tokens: Type.Optional(
    Type.Array(Type.Secret(), {
      minItems: 1,
      description: 'Tokens of which each is accepted; the first is sent. Instead of token.',
    }),
  ),
  filename: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'File with a token in each line, read again when it changes. Goes before token and tokens.',
    }),
  ),
});

/** Decoded settings of the extension. */
export type BearerTokenConfig = Static<typeof config>;

/** Checks the tokens of those who send, and sends one itself (RFC 6750). */
export default defineExtension({
  type: 'bearertokenauth',
  summary: 'Checks bearer tokens for servers and sends one for clients.',
  stability: 'beta',
  config,
  examples: [
    { title: 'One token', yaml: 'bearertokenauth: { token: "${env:OTLP_TOKEN:-none}" }' },
    {
      title: 'Two tokens while one replaces the other, in a header of their own',
      yaml: 'bearertokenauth/rotating: { header: X-Api-Key, scheme: "", tokens: [new-token, old-token] }',
    },
  ],
  check({ token, tokens, filename }): readonly ConfigFault[] {
    if (token !== undefined && tokens !== undefined) {
      return [{ path: ['tokens'], message: 'cannot be combined with token', remedy: 'put all of them into tokens' }];
    }
    const isMissing = token === undefined && tokens === undefined && filename === undefined;
    if (isMissing) return [{ path: [], message: 'has no token', remedy: 'set token, tokens or filename' }];
    const isEmpty = [...(tokens ?? []), token].includes('');
    return isEmpty ? [{ path: [token === '' ? 'token' : 'tokens'], message: 'a token is empty' }] : [];
  },
  create: (settings, host) => new BearerTokens(settings, host),
});
