import { isIPv6 } from 'node:net';
import { ComponentError } from '@millrace/api';

/** Where a server listens or a client connects. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly family?: 4 | 6 }
  | { readonly kind: 'unix'; readonly path: string };

/** Network of a listening endpoint, as in the Collector's `transport`. */
export type TransportName = 'tcp' | 'tcp4' | 'tcp6' | 'unix';

/**
 * Reads `host:port`, `:port`, `[::1]:port`, or the path of a socket where the transport is `unix` or the endpoint
 * starts with `unix:`. An empty host means every interface, as in Go.
 */
export function parseListenEndpoint(endpoint: string, transport: TransportName = 'tcp'): Address {
  const path = socketPath(endpoint, transport === 'unix');
  if (path !== undefined) return unixAddress(endpoint, path);
  const { host, port } = splitHostPort(endpoint);
  if (transport === 'tcp4') return { kind: 'tcp', host: host === '' ? '0.0.0.0' : host, port, family: 4 };
  if (transport === 'tcp6') return { kind: 'tcp', host: host === '' ? '::' : host, port, family: 6 };
  return { kind: 'tcp', host: host === '' ? '::' : host, port };
}

/** A gRPC client's target: the address and whether the scheme demands TLS. */
export interface Target {
  readonly address: Address;
  readonly https: boolean;
}

/** Reads `host:port`, `http(s)://host:port`, `dns:///host:port`, `unix:path` or `unix:///path`. */
export function parseTarget(endpoint: string): Target {
  const path = socketPath(endpoint, false);
  if (path !== undefined) return { address: unixAddress(endpoint, path), https: false };
  const https = endpoint.startsWith('https://');
  const bare = endpoint.replace(/^(?:https?:\/\/|dns:(?:\/\/[^/]*\/)?|passthrough:\/\/\/)/, '').replace(/\/$/, '');
  if (bare.includes('/')) {
    throw invalid(endpoint, 'a gRPC endpoint has no path', 'write it as "host:port"');
  }
  const { host, port } = splitHostPort(bare, endpoint);
  return { address: { kind: 'tcp', host: host === '' ? 'localhost' : host, port }, https };
}

/** `host:port` or the path, as shown to people. */
export function formatAddress(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}`;
}

function socketPath(endpoint: string, isUnix: boolean): string | undefined {
  if (endpoint.startsWith('unix://')) return endpoint.slice('unix://'.length);
  if (endpoint.startsWith('unix:')) return endpoint.slice('unix:'.length);
  return isUnix ? endpoint : undefined;
}

/** Longest path that fits `sun_path` of Linux with its final zero. */
const SOCKET_PATH_BYTES_MAX = 107;

function unixAddress(endpoint: string, path: string): Address {
  if (path === '') throw invalid(endpoint, 'the path of the socket is empty', 'write "unix:/run/name.sock"');
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    throw invalid(endpoint, `the path is longer than ${SOCKET_PATH_BYTES_MAX} bytes`, 'choose a shorter path');
  }
  return { kind: 'unix', path };
}

function splitHostPort(text: string, shown = text): { host: string; port: number } {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d+)$/.exec(text);
  if (match === null)
    throw invalid(shown, whyNotHostPort(text), 'write it as "host:port", "[ipv6]:port" or "unix:/path"');
  const [, bracketed, plain, digits] = match;
  if (bracketed !== undefined && !isIPv6(bracketed)) {
    throw invalid(shown, `"${bracketed}" is no IPv6 address`, 'only IPv6 addresses stand in brackets');
  }
  const port = Number(digits);
  if (port > 65_535) throw invalid(shown, `port ${digits} is above 65535`, 'choose a port from 1 to 65535');
  return { host: bracketed ?? plain ?? '', port };
}

function whyNotHostPort(text: string): string {
  if (text === '') return 'it is empty';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'it has a scheme';
  if (!text.includes(':')) return 'the port is missing';
  if (isIPv6(text) || (text.split(':').length > 2 && !text.startsWith('['))) return 'an IPv6 address needs brackets';
  return `"${text.slice(text.lastIndexOf(':') + 1)}" is no port number`;
}

function invalid(endpoint: string, why: string, remedy: string): ComponentError {
  return new ComponentError(`invalid endpoint "${endpoint}": ${why}`, { code: 'INVALID_ENDPOINT', remedy });
}

/** A URL as it may be shown: without the user's name and password, and without the values of its query, often keys. */
export function shownUrl(url: string): string {
  const bare = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/#.*$/s, '');
  const [place = '', ...query] = bare.split('?');
  if (query.length === 0) return place;
  const parameters = query.join('?').split('&');
  return `${place}?${parameters.map((each) => each.replace(/^([^=]*=).+$|^[^=]+$/s, '$1[REDACTED]')).join('&')}`;
}
