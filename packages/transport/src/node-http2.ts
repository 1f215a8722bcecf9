import type http2 from 'node:http2';

/**
 * What is used of node:http2, loaded when it is used first: it takes 5 MB in every thread, and workers and collectors that speak HTTP/1.1
 * only never need it. The codes are those of RFC 9113, section 7.
 */
export function nodeHttp2(): typeof http2 {
  return process.getBuiltinModule('node:http2');
}

export const constants = {
  NGHTTP2_NO_ERROR: 0,
  NGHTTP2_PROTOCOL_ERROR: 1,
  NGHTTP2_FLOW_CONTROL_ERROR: 3,
  NGHTTP2_FRAME_SIZE_ERROR: 6,
  NGHTTP2_REFUSED_STREAM: 7,
  NGHTTP2_CANCEL: 8,
  NGHTTP2_COMPRESSION_ERROR: 9,
  NGHTTP2_ENHANCE_YOUR_CALM: 11,
  NGHTTP2_INADEQUATE_SECURITY: 12,
} as const;
