import { type ConfigFault, defineExtension, type Lifecycle, type Static, Type } from '@millrace/api';
import { BasicCredentials } from './basic-credentials.ts';
import { PasswordCheck } from './password-check.ts';

const config = Type.Object({
  htpasswd: Type.Optional(
    Type.Object(
      {
        file: Type.Optional(
          Type.String({ minLength: 1, description: 'File of the users, read again when it changes.' }),
        ),
        inline: Type.Optional(
          Type.Secret({ description: 'Lines of the same form; they go before those of the file.' }),
        ),
      },
      { description: 'Users that servers accept, as `user:password` with {SSHA}, {SHA} or plain passwords.' },
    ),
  ),
  client_auth: Type.Optional(
    Type.Object(
      {
        username: Type.Optional(Type.String({ description: 'Name that clients send.' })),
        username_file: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'File with the name, read again when it changes; goes before username.',
          }),
        ),
        password: Type.Optional(Type.Secret({ description: 'Password that clients send.' })),
        password_file: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'File with the password, read again when it changes; goes before password.',
          }),
        ),
      },
      { description: 'What clients send.' },
    ),
  ),
});

/** Decoded settings of the extension. */
export type BasicAuthConfig = Static<typeof config>;

/** Checks names and passwords of those who send, or sends them itself (RFC 7617). */
export default defineExtension({
  type: 'basicauth',
  summary: 'Checks user names and passwords for servers, or sends them for clients.',
  stability: 'beta',
  config,
  examples: [
    {
      title: 'For servers: users with salted passwords',
      yaml: [
        'basicauth/server:',
        '  htpasswd:',
        '    inline: |',
        '      shop:{SSHA}UqK2PTCWMhfEb9bcHSkyJfpnT3RzYWx0',
        '      ${env:EXTRA_USER:-}',
      ].join('\n'),
    },
    {
      title: 'For clients',
      yaml: 'basicauth/client: { client_auth: { username: shop, password: "${env:SHOP_PASSWORD:-none}" } }',
    },
  ],
  check({ htpasswd, client_auth: client }): readonly ConfigFault[] {
    if ((htpasswd === undefined) === (client === undefined)) {
      const message = htpasswd === undefined ? 'has no credentials' : 'has both htpasswd and client_auth';
      return [{ path: [], message, remedy: 'set htpasswd for servers or client_auth for clients, one of them' }];
    }
    if (htpasswd !== undefined && htpasswd.file === undefined && (htpasswd.inline ?? '') === '') {
      return [{ path: ['htpasswd'], message: 'names no users', remedy: 'set file or inline' }];
    }
    return client?.username?.includes(':') === true
      ? [{ path: ['client_auth', 'username'], message: 'contains a ":", which names cannot have' }]
      : [];
  },
  create: ({ htpasswd, client_auth = {} }, host): Lifecycle =>
    htpasswd === undefined ? new BasicCredentials(client_auth, host) : new PasswordCheck(htpasswd, host),
});
