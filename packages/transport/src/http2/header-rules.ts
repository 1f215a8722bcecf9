import type { HeaderField } from './hpack-table.ts';

/** Headers by lower-case name; several of one name are joined. Has no names of its own. */
export type HeaderMap = Record<string, string>;

// An object with a prototype that is empty is as fast as any; one without a prototype is not.
const EMPTY: object = Object.create(null) as object;

const REQUEST_PSEUDO: ReadonlySet<string> = new Set([':method', ':scheme', ':path', ':authority']);
const RESPONSE_PSEUDO: ReadonlySet<string> = new Set([':status']);
const NO_PSEUDO: ReadonlySet<string> = new Set();

/** They belong to HTTP/1 (RFC 9113, section 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Headers of a request; undefined when they are malformed (sections 8.2 and 8.3.1). CONNECT is not known. */
export function readRequest(fields: readonly HeaderField[]): HeaderMap | undefined {
  const headers = read(fields, REQUEST_PSEUDO);
  if (headers === undefined || headers[':method'] === undefined || headers[':scheme'] === undefined) return undefined;
  return (headers[':path'] ?? '') === '' ? undefined : headers;
}

/** Headers of a response (section 8.3.2). */
export function readResponse(fields: readonly HeaderField[]): HeaderMap | undefined {
  const headers = read(fields, RESPONSE_PSEUDO);
  return headers === undefined || !/^\d{3}$/.test(headers[':status'] ?? '') ? undefined : headers;
}

/** Trailers of either (section 8.1). */
export function readTrailers(fields: readonly HeaderField[]): HeaderMap | undefined {
  return read(fields, NO_PSEUDO);
}

function read(fields: readonly HeaderField[], pseudo: ReadonlySet<string>): HeaderMap | undefined {
  const headers = Object.create(EMPTY) as HeaderMap;
  let isRegular = false;
  for (const field of fields) {
    const { name, value } = field;
    if (!field.isValid) return undefined;
    const before = headers[name];
    if (name.startsWith(':')) {
      if (isRegular || before !== undefined || !pseudo.has(name)) return undefined;
      headers[name] = value;
      continue;
    }
    isRegular = true;
    if (CONNECTION_FIELDS.has(name) || (name === 'te' && value !== 'trailers')) return undefined;
    if (before === undefined) headers[name] = value;
    else headers[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return headers;
}
