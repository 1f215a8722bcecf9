import { ComponentError, Type } from '@millrace/api';

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

/**
 * Ends the start of whatever has `auth`: no extension authenticates yet, and a server that ignored the key would stand
 * open to everybody.
 */
export function refuseAuth(config: { readonly auth?: { readonly authenticator: string } }): void {
  if (config.auth === undefined) return;
  throw new ComponentError(`the extension "${config.auth.authenticator}" cannot authenticate`, {
    code: 'AUTH_UNAVAILABLE',
    remedy: 'remove the auth section; use tls with client_ca_file where only known clients may connect',
  });
}
