import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import { ComponentError, messageOf, readErrorText } from '@millrace/api';
import type { Logger } from '@millrace/api';
import type { TlsClientConfig, TlsServerConfig } from './tls-config.ts';
import { CURVES, VERSIONS, cipherString } from './tls-names.ts';

/** What `tls.createServer` and `setSecureContext` take. */
export interface ServerTlsOptions extends SecureContextOptions {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

/** What `tls.connect` takes, without the name of the server where the endpoint gives it. */
export interface ClientTlsOptions {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  readonly servername?: string;
}

/** Reads and checks everything that a server's `tls` names. Throws a ComponentError that names the file. */
export async function loadServerTls(config: TlsServerConfig, logger: Logger): Promise<ServerTlsOptions> {
  const identity = await loadIdentity(config, logger);
  if (identity === undefined) {
    throw new ComponentError('a TLS server needs a certificate and a private key', {
      code: 'TLS_INCOMPLETE',
      remedy: 'add cert_file and key_file, or remove the tls section',
    });
  }
  const clientCa = config.client_ca_file === undefined ? '' : config.client_ca_file;
  const authorities = clientCa === '' ? undefined : [await readAuthorities(clientCa)];
  const options = {
    ...identity,
    ...negotiation(config),
    ...(authorities === undefined ? {} : { ca: authorities }),
    requestCert: authorities !== undefined,
    rejectUnauthorized: authorities !== undefined,
  };
  createContext(options);
  return options;
}

/** The same for a client's `tls`. */
export async function loadClientTls(config: TlsClientConfig, logger: Logger): Promise<ClientTlsOptions> {
  const identity = await loadIdentity(config, logger);
  const options = { ...identity, ...negotiation(config), ca: await trusted(config) };
  return {
    secureContext: createContext(options),
    rejectUnauthorized: !config.insecure_skip_verify,
    ...(config.server_name_override === undefined || config.server_name_override === ''
      ? {}
      : { servername: config.server_name_override }),
  };
}

/** Whether a config names anything that can be missing or wrong, and should be found out at the start. */
export function namesTls(config: TlsClientConfig): boolean {
  const { ca_file, ca_pem, cert_file, cert_pem, key_file, key_pem, cipher_suites, curve_preferences, max_version } =
    config;
  const named = [ca_file, ca_pem, cert_file, cert_pem, key_file, key_pem, max_version];
  const lists = [cipher_suites ?? [], curve_preferences ?? []];
  return named.some((value) => (value ?? '') !== '') || lists.some((list) => list.length > 0);
}

/** Whether a gRPC client with this config speaks TLS; a scheme of https demands it in any case. */
export function clientUsesTls(config: TlsClientConfig, https: boolean): boolean {
  const hasCa = (config.ca_file ?? '') !== '' || (config.ca_pem ?? '') !== '';
  return https || !config.insecure || hasCa;
}

function negotiation(config: TlsServerConfig | TlsClientConfig): SecureContextOptions {
  const curves = config.curve_preferences ?? [];
  return {
    minVersion: VERSIONS[config.min_version],
    ...(config.max_version === undefined ? {} : { maxVersion: VERSIONS[config.max_version] }),
    ...(config.cipher_suites === undefined ? {} : { ciphers: cipherString(config.cipher_suites) }),
    ...(curves.length === 0 ? {} : { ecdhCurve: curves.map((name) => CURVES[name]).join(':') }),
  };
}

/** Authorities for checking a server: those given, and the system's where wanted or where none are given. */
async function trusted(config: TlsClientConfig): Promise<string[]> {
  const own =
    config.ca_file !== undefined && config.ca_file !== ''
      ? await readAuthorities(config.ca_file)
      : config.ca_pem !== undefined && config.ca_pem !== ''
        ? parsedAuthorities(config.ca_pem, 'ca_pem')
        : undefined;
  if (own !== undefined && !config.include_system_ca_certs_pool) return [own];
  const pool = [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return own === undefined ? pool : [own, ...pool];
}

async function loadIdentity(
  config: TlsServerConfig | TlsClientConfig,
  logger: Logger,
): Promise<{ cert: string; key: string } | undefined> {
  const cert = await textOf(config.cert_file, config.cert_pem, 'certificate');
  const key = await textOf(config.key_file, config.key_pem, 'private key');
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new ComponentError(
      `a ${cert === undefined ? 'private key without its certificate' : 'certificate without its private key'}`,
      {
        code: 'TLS_INCOMPLETE',
        remedy: 'give both cert_file and key_file (or cert_pem and key_pem)',
      },
    );
  }
  checkPair(cert, key);
  if (key.file !== undefined) await warnIfExposed(key.file, logger);
  return { cert: cert.text, key: key.text };
}

interface Source {
  readonly text: string;
  readonly file: string | undefined;
  readonly what: string;
}

async function textOf(file: string | undefined, pem: string | undefined, what: string): Promise<Source | undefined> {
  if (file !== undefined && file !== '') return { text: await read(file, what), file, what };
  return pem === undefined || pem === '' ? undefined : { text: pem, file: undefined, what };
}

function nameOf(source: Source): string {
  return source.file === undefined ? `the ${source.what} given as PEM text` : `${source.what} "${source.file}"`;
}

function checkPair(cert: Source, key: Source): void {
  const certificate = parse(
    cert,
    () => new X509Certificate(cert.text),
    'it must be a PEM file with "BEGIN CERTIFICATE"',
  );
  const hint = 'it must be an unencrypted PEM file; decrypt it with: openssl pkey -in KEY -out NEW';
  const privateKey = parse(key, () => createPrivateKey(key.text), hint);
  if (certificate.checkPrivateKey(privateKey)) return;
  throw new ComponentError(`${nameOf(key)} does not belong to ${nameOf(cert)}`, {
    code: 'TLS_MISMATCH',
    remedy: 'give the key that the certificate was made for; the certificate itself must come first in its file',
  });
}

function parse<T>(source: Source, parser: () => T, remedy: string): T {
  try {
    return parser();
  } catch (cause) {
    throw new ComponentError(`cannot use ${nameOf(source)}: ${messageOf(cause)}`, {
      code: 'TLS_INVALID',
      remedy,
      cause,
    });
  }
}

async function read(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const [why = '', remedy = 'check that it is a readable file'] = readErrorText(cause).split('; ');
    throw new ComponentError(`cannot read ${what} "${file}": ${why}`, { code: 'TLS_UNREADABLE', remedy, cause });
  }
}

async function readAuthorities(file: string): Promise<string> {
  return parsedAuthorities(await read(file, 'authorities'), file);
}

function parsedAuthorities(text: string, name: string): string {
  try {
    createSecureContext({ ca: text });
    if (text.includes('-----BEGIN')) return text;
  } catch (cause) {
    throw invalidAuthorities(name, messageOf(cause));
  }
  throw invalidAuthorities(name, 'there is no certificate in it');
}

function invalidAuthorities(name: string, why: string): ComponentError {
  return new ComponentError(`cannot use authorities "${name}": ${why}`, {
    code: 'TLS_INVALID',
    remedy: 'it must hold PEM certificates ("BEGIN CERTIFICATE")',
  });
}

/** A whole context is made at start, so that a cipher or version that OpenSSL refuses ends the start. */
function createContext(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (cause) {
    throw new ComponentError(`cannot use the tls settings: ${messageOf(cause)}`, {
      code: 'TLS_INVALID',
      remedy: 'check cipher_suites, curve_preferences, min_version and max_version',
      cause,
    });
  }
}

async function warnIfExposed(file: string, logger: Logger): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o004) === 0) return;
  logger.warn('private key can be read by every user of this machine', { file, remedy: `chmod o-rwx ${file}` });
}
