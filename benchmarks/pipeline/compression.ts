import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

export type Compression = 'none' | 'gzip' | 'zstd';

export function compressed(bytes: Uint8Array, compression: Compression): Uint8Array {
  switch (compression) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes);
    case 'zstd':
      return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  }
}

export function decompressed(bytes: Uint8Array, compression: string): Uint8Array {
  switch (compression) {
    case '':
    case 'none':
    case 'identity':
      return bytes;
    case 'gzip':
      return gunzipSync(bytes);
    case 'zstd':
      return zstdDecompressSync(bytes);
    default:
      throw new Error(`the sink does not know the compression "${compression}"`);
  }
}
