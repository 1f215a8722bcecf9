import { Type } from '@millrace/api';
import type { ConfigFault, Static } from '@millrace/api';
import { CURVES, VERSIONS, isKnownCipher } from './tls-names.ts';

const versions = Object.keys(VERSIONS) as (keyof typeof VERSIONS)[];

/** Keys that servers and clients share (configtls.Config). */
const common = {
  ca_file: Type.Optional(
    Type.String({ description: 'File with the certificates of the authorities that are trusted.' }),
  ),
  ca_pem: Type.Optional(Type.Secret({ description: 'The same as PEM text, instead of `ca_file`.' })),
  include_system_ca_certs_pool: Type.Boolean({
    default: false,
    description: "Whether the system's authorities are trusted besides those given.",
  }),
  cert_file: Type.Optional(Type.String({ description: 'File with the certificate (PEM, chain included).' })),
  cert_pem: Type.Optional(Type.Secret({ description: 'The same as PEM text, instead of `cert_file`.' })),
  key_file: Type.Optional(Type.String({ description: 'File with the private key (PEM).' })),
  key_pem: Type.Optional(Type.Secret({ description: 'The same as PEM text, instead of `key_file`.' })),
  min_version: Type.Enum(versions, { default: '1.2', description: 'Lowest TLS version that is spoken.' }),
  max_version: Type.Optional(Type.Enum(versions, { description: 'Highest TLS version that is spoken.' })),
  cipher_suites: Type.Optional(
    Type.Array(Type.String(), { description: 'Cipher suites by their Go (IANA) names; a safe list by default.' }),
  ),
  curve_preferences: Type.Optional(
    Type.Array(Type.Enum(Object.keys(CURVES) as (keyof typeof CURVES)[]), {
      description: 'Curves for the key exchange, preferred ones first.',
    }),
  ),
  reload_interval: Type.Optional(
    Type.Duration({ description: 'How often the files are read again; never by default.' }),
  ),
};

/** `tls` of a server (configtls.ServerConfig). */
export const tlsServer = () =>
  Type.Object(
    {
      ...common,
      client_ca_file: Type.Optional(
        Type.String({ description: 'Authorities of client certificates; with it, every client must present one.' }),
      ),
      client_ca_file_reload: Type.Boolean({
        default: false,
        description: 'Whether `client_ca_file` is read again when it changes.',
      }),
    },
    { description: 'Encryption of incoming connections; without it they are not encrypted.' },
  );

/** `tls` of a client (configtls.ClientConfig). */
export const tlsClient = () =>
  Type.Object(
    {
      ...common,
      insecure: Type.Boolean({ default: false, description: 'Whether connections are left unencrypted (gRPC).' }),
      insecure_skip_verify: Type.Boolean({
        default: false,
        description: "Whether the server's certificate is accepted unchecked.",
      }),
      server_name_override: Type.Optional(
        Type.String({ description: 'Name that the certificate must be for, instead of the host of the endpoint.' }),
      ),
    },
    { description: 'Encryption of outgoing connections.' },
  );

export type TlsServerConfig = Static<ReturnType<typeof tlsServer>>;
export type TlsClientConfig = Static<ReturnType<typeof tlsClient>>;

/** What the schema of `tls` cannot say. `path` is where the section stands in the component's config. */
export function checkTls(
  config: TlsServerConfig | TlsClientConfig | undefined,
  path: readonly (string | number)[],
  side: 'server' | 'client',
): ConfigFault[] {
  if (config === undefined) return [];
  const faults: ConfigFault[] = [];
  const fault = (key: string, message: string, remedy: string) =>
    faults.push({ path: [...path, key], message, remedy });
  for (const name of ['ca', 'cert', 'key'] as const) {
    if (isSet(config[`${name}_file`]) && isSet(config[`${name}_pem`])) {
      fault(`${name}_pem`, `both ${name}_file and ${name}_pem are set`, 'keep one of them');
    }
  }
  const hasCert = isSet(config.cert_file) || isSet(config.cert_pem);
  const hasKey = isSet(config.key_file) || isSet(config.key_pem);
  if (hasCert && !hasKey) fault('cert_file', 'a certificate without its private key', 'add key_file or key_pem');
  if (hasKey && !hasCert) fault('key_file', 'a private key without its certificate', 'add cert_file or cert_pem');
  if (side === 'server' && !hasCert && !hasKey) {
    faults.push({
      path,
      message: 'a TLS server needs a certificate and a private key',
      remedy: 'add cert_file and key_file, or remove the tls section',
    });
  }
  if (config.max_version !== undefined && config.max_version < config.min_version) {
    fault('max_version', `max_version ${config.max_version} is below min_version ${config.min_version}`, 'swap them');
  }
  for (const [index, suite] of (config.cipher_suites ?? []).entries()) {
    if (isKnownCipher(suite)) continue;
    faults.push({
      path: [...path, 'cipher_suites', index],
      message: `unknown cipher suite "${suite}"`,
      remedy: 'use a Go name such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    });
  }
  return faults;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
