import type http2 from 'node:http2';

/**
 * What is used of node:http2, loaded when it is used first: it takes 5 MB in every thread, and only HTTP servers with TLS
 * need it. The codes are those of RFC 9113, section 7.
 */
export function nodeHttp2(): typeof http2 {
  return process.getBuiltinModule('node:http2');
}

export const constants = { NGHTTP2_NO_ERROR: 0 } as const;
