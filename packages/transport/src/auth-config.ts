import { type ClientAuthenticator, ComponentError, type ServerAuthenticator, Type } from '@millrace/api';

/** `auth` of a gRPC server, and of every client (configauth.Config). */
export const auth = (description: string) =>
  Type.Object({ authenticator: Type.ComponentId('extension', { description }) }, { description: 'Authentication.' });

/** `auth` of an HTTP server. */
export const httpServerAuth = () =>
  Type.Object(
    {
      authenticator: Type.ComponentId('extension', { description: 'Extension that checks incoming requests.' }),
      request_params: Type.Optional(
        Type.Array(Type.String(), { description: 'Query parameters shown to the extension besides the headers.' }),
      ),
    },
    { description: 'Authentication.' },
  );

/** How servers and clients find the extension that their `auth` names: `host.extension`. */
export type ExtensionOf = (id: string) => unknown;

interface AuthConfig {
  readonly auth?: { readonly authenticator: string } | undefined;
}

/** What checks the requests of a server. Throws where it cannot: the server would stand open to everybody. */
export function serverAuthenticator({ auth }: AuthConfig, extension?: ExtensionOf): ServerAuthenticator | undefined {
  if (auth === undefined) return undefined;
  const found = extension?.(auth.authenticator);
  if (hasMethod<ServerAuthenticator>(found, 'refuse')) return found;
  throw unavailable(auth.authenticator, 'does not check requests', 'give it what it accepts, such as htpasswd');
}

/** What gives the requests of a client their credentials. Throws where it cannot. */
export function clientAuthenticator({ auth }: AuthConfig, extension?: ExtensionOf): ClientAuthenticator | undefined {
  if (auth === undefined) return undefined;
  const found = extension?.(auth.authenticator);
  if (hasMethod<ClientAuthenticator>(found, 'credentials')) return found;
  throw unavailable(auth.authenticator, 'has no credentials to send', 'give it some, such as client_auth');
}

function hasMethod<T>(found: unknown, method: keyof T): found is T {
  return typeof (found as T | undefined)?.[method] === 'function';
}

function unavailable(id: string, why: string, remedy: string): ComponentError {
  return new ComponentError(`the extension "${id}" ${why}`, {
    code: 'AUTH_UNAVAILABLE',
    remedy: `${remedy}, list it in service.extensions, or remove the auth section`,
  });
}
